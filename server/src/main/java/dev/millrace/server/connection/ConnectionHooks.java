package dev.millrace.server.connection;

import dev.millrace.server.schedule.Schedule;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What the packages above do as connections come. */
public interface ConnectionHooks {
    /**
     * In the transaction that creates or replaces a connection: makes sure that what follows will be done, by this process
     * or, when it dies, by another one.
     *
     * @param byEndUser whether its end user has authorised it in a connect session
     */
    Schedule.Claim stored(Handle handle, long connectionId, boolean created, boolean byEndUser);

    /**
     * Does what follows and waits for its end. The validate-connection functions are run. When one of them fails, a new
     * connection is deleted; else its event functions and syncs begin.
     *
     * @return the reason to refuse the connection
     */
    Optional<String> settle(Schedule.Claim claim, Connection connection) throws InterruptedException;
}
