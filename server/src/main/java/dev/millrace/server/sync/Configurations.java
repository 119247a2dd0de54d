package dev.millrace.server.sync;

import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Settings.ChangePolicy;
import dev.millrace.server.function.Function;
import dev.millrace.server.log.Logs;
import dev.millrace.server.metadata.Metadata;
import dev.millrace.server.metadata.MetadataHooks;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schedule.Schedule;
import dev.millrace.server.schema.MetadataSchemas;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/**
 * The effects of changed metadata on syncs. Syncs that wait for their configuration start when it is complete and pause
 * when it no longer is. Running syncs are informed. Thread-safe.
 */
public final class Configurations implements MetadataHooks {
    private final SyncStore store;
    private final Schedule schedule;
    private final Runs runs;
    private final MetadataSchemas schemas;
    private final Metadata metadata;
    private final EnvironmentSettings settings;
    private final Logs logs;
    private final Clock clock;

    public Configurations(
            Database db,
            Schedule schedule,
            Runs runs,
            MetadataSchemas schemas,
            Metadata metadata,
            EnvironmentSettings settings,
            Logs logs,
            Clock clock) {
        this.store = new SyncStore(db);
        this.schedule = schedule;
        this.runs = runs;
        this.schemas = schemas;
        this.metadata = metadata;
        this.settings = settings;
        this.logs = logs;
        this.clock = clock;
    }

    @Override
    public boolean affected(Handle handle, long integrationId) {
        return schemas.anySyncs(handle, integrationId);
    }

    @Override
    public void changed(Handle handle, long connectionId, long version, JsonNode object) {
        if (!handle.isInTransaction()) {
            handle.useTransaction(h -> changed(h, connectionId, version, object));
            return;
        }
        for (var sync : AffectedSync.of(handle, connectionId)) {
            if (mayMove(sync) && schemas.startsWhenConfigured(handle, sync.function())) {
                boolean complete =
                        schemas.problems(handle, sync.function(), object).isEmpty();
                move(handle, sync.sync(), complete);
            }
            // Comes last, because syncs are locked before their runs.
            sync.run().ifPresent(run -> tell(handle, sync, run, version));
        }
    }

    private static boolean mayMove(AffectedSync sync) {
        return sync.state() == Sync.State.STARTED || !sync.pausedByUser();
    }

    private void tell(Handle handle, AffectedSync sync, AffectedSync.Running run, long version) {
        var writer = Runs.current();
        if (writer.isPresent() && writer.getAsLong() == run.id()) {
            runs.metadataSeen(handle, run.id(), version);
            return;
        }
        if (!run.holds()) {
            return;
        }
        runs.metadataChanged(handle, run.id());
        boolean restart = settings.get(handle, sync.environment()).metadataChangePolicy() == ChangePolicy.RESTART;
        logs.note(
                handle,
                sync.environment(),
                run.operation(),
                "warn",
                "The metadata of the connection changed to version " + version + " while this ran"
                        + (restart ? ": the sync restarts." : "."));
        if (restart) {
            runs.cancel(handle, sync.sync());
        }
    }

    /** Called after a deploy. */
    void deployed() {
        schemas.forget();
    }

    /** Whether the function's syncs wait for their configuration. */
    boolean waits(Function function) {
        return schemas.startsWhenConfigured(function);
    }

    boolean complete(Handle handle, Function function, long connectionId) {
        return schemas.problems(function, metadata.of(handle, connectionId)).isEmpty();
    }

    /** Starts or pauses a sync according to the current metadata. */
    void review(Handle handle, Function function, UUID sync, long connectionId) {
        move(handle, sync, complete(handle, function, connectionId));
    }

    private void move(Handle handle, UUID id, boolean complete) {
        var sync = store.lock(handle, id).orElse(null);
        if (sync == null) {
            return;
        }
        if (complete && waitsForConfiguration(sync)) {
            boolean free = schedule.at(handle, SyncRuns.TASK, id.toString(), clock.instant());
            store.save(
                    handle,
                    sync.with(Sync.State.STARTED, Optional.of(clock.instant()))
                            .asked(sync.asked().again(sync.asked().again() || !free)));
            handle.afterCommit(schedule::wake);
        } else if (!complete && sync.state() == Sync.State.STARTED) {
            schedule.drop(handle, SyncRuns.TASK, id.toString());
            store.save(handle, sync.paused(Sync.PausedBy.CONFIGURATION));
        }
    }

    private static boolean waitsForConfiguration(Sync sync) {
        return sync.state() == Sync.State.PAUSED
                && sync.pausedBy().filter(Sync.PausedBy.USER::equals).isEmpty();
    }
}
