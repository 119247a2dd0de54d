package dev.millrace.server.run;

import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.Settings;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.js.FunctionRuntime;
import dev.millrace.server.function.js.HostError;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.function.js.Script;
import dev.millrace.server.function.js.ScriptType;
import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import dev.millrace.server.log.Secrets;
import dev.millrace.server.provider.Providers;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Entry point for runs: executes functions and records their outcomes. Thread-safe. */
public final class Runs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Runs.class);

    private final Database db;
    private final Cluster cluster;
    private final RunStore store;
    private final Checkpoints checkpoints;
    private final Functions functions;
    private final FunctionRuntime runtime;
    private final Platform platform;
    private final Logs logs;
    private final Clock clock;
    private final UnderWay underWay;
    private final RunHistory history;
    private final ExecutionFactory executions;
    private final DryRunExecutor executor;
    private final RunRecorder recorder;
    private volatile boolean stopping;

    public Runs(
            Database db,
            Functions functions,
            FunctionRuntime runtime,
            Platform platform,
            Providers providers,
            Logs logs,
            Cluster cluster) {
        this.store = new RunStore(db, cluster);
        this.underWay = new UnderWay(store, cluster);
        this.recorder = new RunRecorder(store, platform.clock(), () -> stopping);
        this.checkpoints = new Checkpoints(db);
        this.functions = functions;
        this.runtime = runtime;
        this.platform = platform;
        this.logs = logs;
        this.db = db;
        this.cluster = cluster;
        this.clock = platform.clock();
        this.history = new RunHistory(db);
        cluster.onLoss((handle, lost) -> died(handle, lost.process()));
        this.executions = new ExecutionFactory(platform, providers, new Locks(db));
        this.executor = new DryRunExecutor(executions, store, checkpoints, runtime, platform, logs, () -> stopping);
    }

    /** Sets how functions call each other. To be called before the first run. */
    public void connect(FunctionCalls calls) {
        executions.connect(calls);
    }

    /**
     * The outcome of a run and its log.
     *
     * @param metadataChanged whether others changed the metadata under its checkpoint or delete-tracking window
     */
    public record Ended(long id, UUID operation, Outcome outcome, boolean metadataChanged) {
        public boolean succeeded() {
            return outcome instanceof Outcome.Succeeded;
        }

        /** Whether the run was lost with its worker or by an outage of the database, so that another one continues. */
        public boolean lost() {
            return outcome instanceof Outcome.Failed failed && Endings.RESUMED.contains(failed.type());
        }

        /** Whether it ended at a checkpoint because the server stops, so that another run continues from there. */
        public boolean interrupted() {
            return outcome instanceof Outcome.Failed failed && failed.type().equals(Endings.INTERRUPTED);
        }
    }

    /** Executes on this thread until the function ends; an interrupt cancels it. */
    public Ended execute(Work work) throws InterruptedException {
        return execute(work, work.type().longestWait());
    }

    /** The same for callers that have waited already: {@code patience} is the remaining time to wait for a worker. */
    public Ended execute(Work work, Duration patience) throws InterruptedException {
        try (var scope = underWay.open(Optional.empty())) {
            return execute(scope, work, patience, () -> {});
        }
    }

    /** To be opened before the decision what a sync's run does, so that no later {@link #cancel} is missed. */
    public CancelScope open(UUID sync) {
        return underWay.open(Optional.of(sync));
    }

    /** The same within the scope of a sync. Reports when the cache has been emptied, if the work requires that. */
    public Ended execute(CancelScope scope, Work work, Runnable emptied) throws InterruptedException {
        return execute(scope, work, work.type().longestWait(), emptied);
    }

    private Ended execute(CancelScope scope, Work work, Duration patience, Runnable emptied)
            throws InterruptedException {
        // Created before the run begins, because any failure after its beginning must end it.
        var script = functions.script(work.function());
        var operation = UUID.randomUUID();
        var started = clock.instant();
        boolean incremental =
                work.function().syncType().filter("incremental"::equals).isPresent()
                        && work.sync().flatMap(Work.Sync::lastSyncDate).isPresent();
        var lease = begin(work, operation, incremental || work.type() == ScriptType.WEBHOOK, started);
        scope.began(lease);
        try (var log = logs.open(work.operation(operation, started))) {
            return execute(scope, serve(scope, lease, work, log, script), script, patience, emptied);
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // Between its beginning and the function. A run that never ended would be started again.
            return new Ended(lease.run(), operation, recorder.broken(lease, work, e), false);
        }
    }

    private RunLease begin(Work work, UUID operation, boolean incremental, Instant started) {
        try {
            return store.begin(work, operation, incremental ? "INCREMENTAL" : "FULL", started);
        } catch (RuntimeException e) {
            recorder.unbegun(work, operation, e);
            throw e;
        }
    }

    private ActiveRun serve(CancelScope scope, RunLease lease, Work work, Logs.Log log, Optional<Script> script) {
        log.conceal(() -> Secrets.in(work.connection().credentials().json()));
        if (work.type() != ScriptType.ACTION) {
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
            store.progress(lease, Json.text(records.result()), clock.instant());
            checkpoint(work);
        });
        return new ActiveRun(lease, work, log, validation, pin, records, checkpoint, host);
    }

    private Ended execute(
            CancelScope scope, ActiveRun run, Optional<Script> script, Duration patience, Runnable emptied)
            throws InterruptedException {
        Outcome outcome = null;
        RunRecorder.Ending ending;
        try {
            scope.enter();
            outcome = script.isEmpty()
                    ? Failures.codeGone(run.work())
                    : run.lease().hold(() -> call(run, script.get(), patience, emptied));
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException e) {
            // An interrupt breaks a database call that is in progress; the run counts as cancelled then too.
            if (!scope.leave()) {
                outcome = Failures.of(run.work(), e);
                LOG.error("Run {} broke", run.lease().run(), e);
            }
        } catch (Error e) {
            outcome = Failures.broken();
            LOG.error("Run {} broke", run.lease().run(), e);
        } finally {
            scope.leave();
            if (scope.isBrokenOff()) {
                outcome = Failures.brokenOff();
            }
            ending = recorder.end(run, outcome);
        }
        if (ending.outcome() == null) {
            throw new InterruptedException("Cancelled");
        }
        return new Ended(run.lease().run(), run.log().operation(), ending.outcome(), ending.metadataChanged());
    }

    private Outcome call(ActiveRun run, Script script, Duration patience, Runnable emptied)
            throws InterruptedException {
        var work = run.work();
        if (work.sync().filter(Work.Sync::fromStart).isPresent()) {
            run.records().trackAbandon();
        }
        if (work.sync().filter(Work.Sync::emptyCache).isPresent()) {
            run.records().emptyCache();
            emptied.run();
        }
        var invalid = run.validation().input();
        if (invalid.isPresent()) {
            return invalid.get();
        }
        var execution = executions.execution(
                work,
                script,
                work.properties(run.log().operation(), run.lease().run()),
                executions.loggerLevel(work),
                patience,
                work.type().longestRun());
        var outcome = settled(run, run.validation().output(runtime.execute(execution, run.host())));
        if (!(outcome instanceof Outcome.Succeeded)) {
            return outcome;
        }
        if (work.type() == ScriptType.SYNC && work.function().trackDeletes()) {
            run.records().deletePrevious();
        }
        return run.records().refusal().<Outcome>map(refusal -> refusal).orElse(outcome);
    }

    /** The outcome after all saves are durable. Without them no run succeeds. */
    private static Outcome settled(ActiveRun run, Outcome outcome) throws InterruptedException {
        try {
            run.records().settle();
            return outcome;
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("Run {} could not store its records", run.lease().run(), e);
            return outcome instanceof Outcome.Succeeded ? Failures.unsaved() : outcome;
        }
    }

    /**
     * In the transaction in which a task is claimed: ends what earlier claims have left running. Nothing more of those
     * runs is stored, even if their process is alive.
     */
    public void takeOver(Handle handle, Schedule.Claim claim) {
        for (var lost : store.takeOver(handle, claim, Endings.LOST_ERROR, clock.instant())) {
            logs.interrupt(handle, lost.environment(), lost.operation(), Endings.LOST_MESSAGE, Endings.LOST_ERROR);
        }
    }

    /** Actions are not repeated. They may continue without the database, and fail only if they need it. */
    private static void outage(CancelScope scope, Work work) {
        if (work.type() != ScriptType.ACTION) {
            scope.breakOff();
        }
    }

    /** In the transaction that removes a lost server: ends those of its runs that nobody continues. */
    private void died(Handle handle, UUID process) {
        store.died(handle, process, Endings.LOST_ERROR, clock.instant());
        logs.endLost(handle, process, Endings.LOST_ERROR);
    }

    /** Ends runs that were begun by servers which counted as lost at that moment. */
    void endOrphans() {
        for (var process : store.owners()) {
            if (!cluster.isAlive(process)) {
                db.useTransaction(handle -> died(handle, process));
            }
        }
    }

    /** Where a sync ends when the server stops: the checkpoint is stored, and another run continues from it. */
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

    /** Cancels everything that still runs in this process. */
    public void abort() {
        underWay.cancelAll();
    }

    /**
     * Cancels the run of a sync, in the transaction because of which it must end. In this process it is cancelled right
     * after the commit, in another one within about a second. If the caller also locks the sync, it must do so first.
     */
    public void cancel(Handle handle, UUID sync) {
        store.cancel(handle, sync);
        handle.afterCommit(() -> underWay.cancel(sync));
    }

    @Override
    public void close() {
        recorder.close();
        underWay.close();
    }

    private boolean restartsOnChange(Work work) {
        return work.type() == ScriptType.SYNC
                && platform.settings().get(work.connection().environmentId()).metadataChangePolicy()
                        == Settings.ChangePolicy.RESTART;
    }

    /** The run for which this thread works. */
    public static OptionalLong current() {
        return RunLease.current().stream().mapToLong(RunLease::run).findFirst();
    }

    public RunHistory history() {
        return history;
    }

    /** Executions that store nothing. */
    public DryRunExecutor executor() {
        return executor;
    }

    public Checkpoints checkpoints() {
        return checkpoints;
    }
}
