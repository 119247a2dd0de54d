package dev.millrace.server.connection;

import dev.millrace.server.credential.AuthFailure;
import org.jdbi.v3.core.Handle;

/** What the packages above do as the credentials of connections fail and recover. */
public interface CredentialHooks {
    /** In the transaction that notes a refusal. */
    void failed(Handle handle, long connection);

    /** In the transaction that notes a failed attempt to renew or to try the credentials, an outage of the provider too. */
    void refreshFailed(Handle handle, long connection, AuthFailure failure);

    /** In the transaction that stores good credentials in the place of failed ones. */
    void refreshed(Handle handle, long connection);

    /** The credentials are good again. */
    void recovered(Handle handle, long connection);

    /** Sees to connections whose recovery was stored by a process that died before it told. */
    void resumeRecovered();
}
