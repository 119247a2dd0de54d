package dev.millrace.server.connection;

import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What the rooms above do as connections come and go. */
public interface ConnectionHooks {
    /** In the transaction that creates or replaces a connection: makes sure that what follows will be done. */
    void stored(Handle handle, long connectionId);

    /** After it was found invalid: nothing follows. */
    void refused(Connection connection);

    /** Runs the validate-connection functions; a text is the reason to refuse the connection. */
    Optional<String> validate(Connection connection) throws InterruptedException;

    /** After a connection was created or replaced and found valid: event functions, syncs. */
    void connected(Connection connection, boolean created);

    /** Runs the pre-connection-deletion functions and waits for them. */
    void deleting(Connection connection) throws InterruptedException;

    /** Ends the connection's syncs, in the transaction that deletes it. */
    void deleted(Handle handle, Connection connection);
}
