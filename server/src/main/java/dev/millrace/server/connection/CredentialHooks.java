package dev.millrace.server.connection;

import org.jdbi.v3.core.Handle;

/** What the packages above do as the credentials of connections fail and recover. */
public interface CredentialHooks {
    /** In the transaction that notes a refusal. */
    void failed(Handle handle, long connection);

    /** The credentials are good again. */
    void recovered(Handle handle, long connection);

    /** Sees to connections whose recovery was stored by a process that died before it told. */
    void resumeRecovered();
}
