package dev.millrace.server.sync;

import dev.millrace.server.connection.CredentialHooks;
import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.Schedule;
import org.jdbi.v3.core.Handle;

/** What syncs do as the credentials of connections fail and recover. Thread-safe. */
public final class CredentialEffects implements CredentialHooks {
    private final Database db;
    private final Syncs syncs;
    private final Schedule schedule;

    public CredentialEffects(Database db, Syncs syncs, Schedule schedule) {
        this.db = db;
        this.syncs = syncs;
        this.schedule = schedule;
    }

    @Override
    public void failed(Handle handle, long connection) {
        syncs.credentialsFailed(handle, connection);
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
