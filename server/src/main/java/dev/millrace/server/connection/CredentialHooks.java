package dev.millrace.server.connection;

import dev.millrace.server.credential.AuthFailure;
import org.jdbi.v3.core.Handle;

/** Work of higher packages when the credentials of a connection fail or recover. */
public interface CredentialHooks {
    /** In the transaction that records a refusal. */
    void failed(Handle handle, long connection);

    /** In the transaction that records a failed attempt to renew or to check the credentials, also if the provider is down. */
    void refreshFailed(Handle handle, long connection, AuthFailure failure);

    /** In the transaction that replaces failed credentials with good ones. */
    void refreshed(Handle handle, long connection);

    /** The credentials work again. */
    void recovered(Handle handle, long connection);

    /** Handles connections whose recovery was stored by a process that died before it called {@code recovered}. */
    void resumeRecovered();
}
