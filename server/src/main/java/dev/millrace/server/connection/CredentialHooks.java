package dev.millrace.server.connection;

import org.jdbi.v3.core.Handle;

/** Work of higher packages when the credentials of a connection fail or recover. */
public interface CredentialHooks {
    /** In the transaction that records a refusal. */
    void failed(Handle handle, long connection);

    /** The credentials work again. */
    void recovered(Handle handle, long connection);

    /** Handles connections whose recovery was stored by a process that died before it called {@code recovered}. */
    void resumeRecovered();
}
