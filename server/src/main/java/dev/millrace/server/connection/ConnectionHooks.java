package dev.millrace.server.connection;

import dev.millrace.server.schedule.Schedule;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Work of higher packages when a connection is created or replaced. */
public interface ConnectionHooks {
    /**
     * In the transaction that creates or replaces a connection: stores a task for the steps that follow. If this
     * process dies, another one executes it.
     *
     * @param byEndUser whether its end user authorised it in a connect session
     */
    Schedule.Claim stored(Handle handle, long connectionId, boolean created, boolean byEndUser);

    /**
     * Executes the steps that follow and waits for their end. First the validate-connection functions run. If one of
     * them fails, a new connection is deleted. Otherwise the connection's event functions run and its syncs start.
     *
     * @return the reason to refuse the connection
     */
    Optional<String> settle(Schedule.Claim claim, Connection connection) throws InterruptedException;
}
