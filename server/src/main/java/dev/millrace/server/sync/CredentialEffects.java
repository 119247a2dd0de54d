package dev.millrace.server.sync;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.connection.CredentialHooks;
import dev.millrace.server.credential.AuthFailure;
import dev.millrace.server.db.Database;
import dev.millrace.server.delivery.AuthWebhooks;
import dev.millrace.server.schedule.Schedule;
import org.jdbi.v3.core.Handle;

/** What syncs do, and what applications are told, as the credentials of connections fail and recover. Thread-safe. */
public final class CredentialEffects implements CredentialHooks {
    private final Database db;
    private final Syncs syncs;
    private final Connections connections;
    private final AuthWebhooks webhooks;
    private final Schedule schedule;

    public CredentialEffects(
            Database db, Syncs syncs, Connections connections, AuthWebhooks webhooks, Schedule schedule) {
        this.db = db;
        this.syncs = syncs;
        this.connections = connections;
        this.webhooks = webhooks;
        this.schedule = schedule;
    }

    @Override
    public void failed(Handle handle, long connection) {
        syncs.credentialsFailed(handle, connection);
    }

    @Override
    public void refreshFailed(Handle handle, long connection, AuthFailure failure) {
        connections
                .find(handle, connection)
                .ifPresent(known -> webhooks.refreshFailed(handle, known, failure.code(), failure.message()));
    }

    @Override
    public void refreshed(Handle handle, long connection) {
        connections.find(handle, connection).ifPresent(known -> webhooks.recovered(handle, known));
    }

    @Override
    public void recovered(Handle handle, long connection) {
        syncs.credentialsRecovered(handle, connection);
        handle.afterCommit(schedule::wake);
    }

    @Override
    public void resumeRecovered() {
        for (var connection : syncs.recovered()) {
            db.useTransaction(handle -> recovered(handle, connection));
        }
    }
}
