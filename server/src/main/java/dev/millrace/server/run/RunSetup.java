package dev.millrace.server.run;

import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.environment.Settings;
import dev.millrace.server.function.ScriptType;
import dev.millrace.server.function.js.HostError;
import dev.millrace.server.function.js.Script;
import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import dev.millrace.server.log.Secrets;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Makes a run ready for its function: its log, and the calls that the function may make. Thread-safe. */
final class RunSetup {
    private final RunStore store;
    private final Checkpoints checkpoints;
    private final Platform platform;
    private final ExecutionFactory executions;
    private final BooleanSupplier stopping;

    /** @param stopping whether the server stops: syncs end at their next checkpoint */
    RunSetup(
            RunStore store,
            Checkpoints checkpoints,
            Platform platform,
            ExecutionFactory executions,
            BooleanSupplier stopping) {
        this.store = store;
        this.checkpoints = checkpoints;
        this.platform = platform;
        this.executions = executions;
        this.stopping = stopping;
    }

    ActiveRun serve(
            CancelScope scope, RunLease lease, Work work, Logs.Log log, Optional<Script> script, Instant started) {
        log.conceal(() -> Secrets.in(work.connection().credentials().json()));
        if (!work.type().isAnswered()) {
            log.add(
                    "info",
                    "The run began",
                    Json.text(Json.object().put("version", work.function().version())));
        }
        var pin = new MetadataPin(store, lease.run(), () -> restartsOnChange(work));
        var validation = new Validation(work, platform.checks(), platform.settings());
        boolean deletesPrevious =
                script.filter(s -> work.usesDeletePrevious(s.code())).isPresent();
        var records = new RecordCalls(platform, work, log, lease.run(), deletesPrevious, pin, validation);
        var checkpoint = new CheckpointCalls(checkpoints, work);
        var calls = new HostScope(Optional.of(lease), scope::cancel, () -> outage(scope, work));
        var host = executions.host(calls, work, log, records, checkpoint, () -> {
            store.progress(lease, Json.text(records.result()), platform.clock().instant());
            checkpoint(work);
        });
        return new ActiveRun(lease, work, log, started, validation, pin, records, checkpoint, host);
    }

    /** Runs that somebody waits for are not repeated. They may continue without the database, and fail only if they need it. */
    private static void outage(CancelScope scope, Work work) {
        if (!work.type().isAnswered()) {
            scope.breakOff();
        }
    }

    /** Where a sync ends when the server stops: the checkpoint is stored, and another run continues from it. */
    private void checkpoint(Work work) {
        if (stopping.getAsBoolean() && work.type() == ScriptType.SYNC) {
            throw HostError.sdk(
                    RunEndings.INTERRUPTED,
                    "The server stops; the next run goes on from this checkpoint.",
                    Json.object());
        }
    }

    private boolean restartsOnChange(Work work) {
        return work.type() == ScriptType.SYNC
                && platform.settings().get(work.connection().environmentId()).metadataChangePolicy()
                        == Settings.ChangePolicy.RESTART;
    }
}
