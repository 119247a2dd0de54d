package dev.millrace.server.run;

import dev.millrace.server.activity.Activity;
import dev.millrace.server.activity.Secrets;
import dev.millrace.server.activity.Status;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.Settings;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.runtime.FunctionRuntime;
import dev.millrace.server.function.runtime.HostError;
import dev.millrace.server.function.runtime.Outcome;
import dev.millrace.server.function.runtime.Script;
import dev.millrace.server.function.runtime.ScriptType;
import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Providers;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The door of the room: executes functions and records what became of them. Thread-safe. */
public final class Runs implements AutoCloseable {
    private final RunStore store;
    private final Checkpoints checkpoints;
    private final Functions functions;
    private final FunctionRuntime runtime;
    private final Platform platform;
    private final Activity activity;
    private final Clock clock;
    private final UnderWay underWay;
    private final RunHistory history;
    private final Surroundings surroundings;
    private final Rehearsals rehearsals;
    private volatile boolean stopping;

    public Runs(
            Database db,
            Functions functions,
            FunctionRuntime runtime,
            Platform platform,
            Providers providers,
            Activity activity) {
        this.store = new RunStore(db);
        this.underWay = new UnderWay(store);
        this.checkpoints = new Checkpoints(db);
        this.functions = functions;
        this.runtime = runtime;
        this.platform = platform;
        this.activity = activity;
        this.clock = platform.clock();
        this.history = new RunHistory(db);
        this.surroundings = new Surroundings(platform, providers, new Locks(db));
        this.rehearsals = new Rehearsals(surroundings, store, checkpoints, runtime, platform, activity, () -> stopping);
    }

    /** Connects functions with each other; before the first run. */
    public void connect(FunctionCalls calls) {
        surroundings.connect(calls);
    }

    /**
     * What became of a run, and where its log is.
     *
     * @param metadataChanged whether others changed the metadata under its checkpoint or delete-tracking window
     */
    public record Ended(long id, UUID operation, Outcome outcome, boolean metadataChanged) {
        public boolean succeeded() {
            return outcome instanceof Outcome.Succeeded;
        }

        /** Whether it ended at a checkpoint because the server stops, for another run to go on from there. */
        public boolean interrupted() {
            return outcome instanceof Outcome.Failed failed && failed.type().equals(Endings.INTERRUPTED);
        }
    }

    /** Executes on this thread until the function ended; an interrupt cancels it. */
    public Ended execute(Work work) throws InterruptedException {
        return execute(work, work.type().longestWait());
    }

    /** The same, for who has waited already: {@code patience} is what is left of the time to wait for a worker. */
    Ended execute(Work work, Duration patience) throws InterruptedException {
        return execute(work, patience, () -> {});
    }

    /** The same; tells when the cache has been emptied, if the work asks for that. */
    public Ended execute(Work work, Runnable emptied) throws InterruptedException {
        return execute(work, work.type().longestWait(), emptied);
    }

    private Ended execute(Work work, Duration patience, Runnable emptied) throws InterruptedException {
        // Before there is a run: code that is gone belongs to a function that was removed a moment ago.
        var script = functions.script(work.function());
        var operation = UUID.randomUUID();
        var started = clock.instant();
        boolean incremental =
                work.function().syncType().filter("incremental"::equals).isPresent()
                        && work.sync().flatMap(Work.Sync::lastSyncDate).isPresent();
        var id = store.begin(
                work, operation, incremental || work.type() == ScriptType.WEBHOOK ? "INCREMENTAL" : "FULL", started);
        underWay.begun(id);
        try (var log = activity.open(work.operation(operation, started))) {
            log.conceal(() -> Secrets.in(work.connection().credentials()));
            if (work.type() != ScriptType.ACTION) {
                log.add(
                        "info",
                        "The run began",
                        Json.text(Json.object().put("version", work.function().version())));
            }
            return execute(work, script, patience, id, log, emptied);
        } finally {
            underWay.ended(id);
        }
    }

    private Ended execute(Work work, Script script, Duration patience, long id, Activity.Log log, Runnable emptied)
            throws InterruptedException {
        var pin = new MetadataPin(store, id, () -> restartsOnChange(work));
        var validation = new Validation(work, platform.checks(), platform.settings());
        var records = new RecordCalls(platform, work, log, id, work.usesDeletePrevious(script.code()), pin, validation);
        var checkpoint = new CheckpointCalls(checkpoints, work);
        var host = surroundings.host(id, work, log, records, checkpoint, () -> {
            store.progress(id, Json.text(records.result()), clock.instant());
            checkpoint(work);
        });
        var execution = surroundings.execution(
                work,
                script,
                work.properties(log.operation(), id),
                surroundings.loggerLevel(work),
                patience,
                work.type().longestRun());
        Outcome outcome = null;
        boolean changed = false;
        try {
            if (work.sync().filter(Work.Sync::emptyCache).isPresent()) {
                records.emptyCache();
                emptied.run();
            }
            outcome = validation.input().orElse(null);
            if (outcome == null) {
                outcome = validation.output(runtime.execute(execution, host));
            }
            if (outcome instanceof Outcome.Succeeded
                    && work.type() == ScriptType.SYNC
                    && work.function().trackDeletes()) {
                records.deletePrevious();
            }
            if (outcome instanceof Outcome.Succeeded && records.refusal().isPresent()) {
                outcome = records.refusal().get();
            }
        } finally {
            host.releaseLocks();
            changed = end(id, work, outcome, records, checkpoint, pin.held() || checkpoint.held(), log);
        }
        return new Ended(id, log.operation(), outcome, changed);
    }

    private boolean end(
            long id,
            Work work,
            @Nullable Outcome outcome,
            RecordCalls records,
            CheckpointCalls checkpoint,
            boolean held,
            Activity.Log log) {
        var error = switch (outcome) {
            case Outcome.Succeeded _ -> Optional.<String>empty();
            case Outcome.Failed failed -> Optional.of(log.blank(Json.text(Failures.stored(failed))));
            case null -> Optional.of("{\"type\":\"script_aborted\",\"message\":\"The run was interrupted.\"}");
        };
        var status = Endings.status(outcome, stopping);
        // An action that ended well says nothing more than its operation does.
        boolean worthALine = status != Status.SUCCESS || work.type() != ScriptType.ACTION;
        log.end(
                status,
                worthALine ? Endings.message(status) : null,
                error.orElseGet(() -> Json.text(records.result())));
        return store.end(
                id,
                error.isEmpty(),
                Json.text(records.result()),
                error,
                checkpoint.range().map(Json::text),
                held,
                clock.instant());
    }

    /** Where a sync ends when the server stops: the checkpoint is stored, another run goes on from it (functions §12). */
    private void checkpoint(Work work) {
        if (stopping && work.type() == ScriptType.SYNC) {
            throw HostError.sdk(
                    Endings.INTERRUPTED, "The server stops; the next run goes on from this checkpoint.", Json.object());
        }
    }

    /** From now on syncs end at their next checkpoint. */
    public void stop() {
        stopping = true;
    }

    /** Interrupts whatever still runs in this process. */
    public void abort() {
        underWay.abort();
    }

    /** Ends the run of a sync, whichever process it is in, within about a second. */
    public void cancel(UUID sync) {
        store.cancel(sync);
    }

    @Override
    public void close() {
        underWay.close();
    }

    private boolean restartsOnChange(Work work) {
        return work.type() == ScriptType.SYNC
                && platform.settings().get(work.connection().environmentId()).metadataChangePolicy()
                        == Settings.ChangePolicy.RESTART;
    }

    /** The run on whose behalf this thread acts. */
    public static OptionalLong current() {
        return Host.RUN.isBound() ? OptionalLong.of(Host.RUN.get()) : OptionalLong.empty();
    }

    public RunHistory history() {
        return history;
    }

    /** Runs that leave nothing behind. */
    Rehearsals rehearsals() {
        return rehearsals;
    }

    public Checkpoints checkpoints() {
        return checkpoints;
    }
}
