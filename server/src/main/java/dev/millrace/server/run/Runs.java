package dev.millrace.server.run;

import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.db.Database;
import dev.millrace.server.delivery.WebhookOutbox;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.js.FunctionRuntime;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.log.Logs;
import dev.millrace.server.provider.Providers;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Entry point for runs: executes functions and records their outcomes. Thread-safe. */
public final class Runs implements AutoCloseable {
    private final RunStore store;
    private final Checkpoints checkpoints;
    private final Functions functions;
    private final Logs logs;
    private final Clock clock;
    private final CancelScopes scopes;
    private final RunHistory history;
    private final ExecutionFactory executions;
    private final RunSetup setup;
    private final RunRecorder recorder;
    private final RunExecutor executor;
    private final DryRunExecutor dryRuns;
    private final LostRuns lost;
    private volatile boolean stopping;

    public Runs(
            Database db,
            Functions functions,
            FunctionRuntime runtime,
            Platform platform,
            Providers providers,
            Logs logs,
            WebhookOutbox webhooks,
            Cluster cluster) {
        this.store = new RunStore(db, cluster);
        this.checkpoints = new Checkpoints(db);
        this.functions = functions;
        this.logs = logs;
        this.clock = platform.clock();
        this.scopes = new CancelScopes(store, cluster);
        this.history = new RunHistory(db);
        this.executions = new ExecutionFactory(platform, providers, new Locks(db));
        this.setup = new RunSetup(store, checkpoints, platform, executions, () -> stopping);
        this.recorder = new RunRecorder(store, new Completions(webhooks, history), clock, () -> stopping);
        this.executor = new RunExecutor(executions, runtime, recorder);
        this.dryRuns = new DryRunExecutor(executions, store, checkpoints, runtime, platform, logs, () -> stopping);
        this.lost = new LostRuns(db, store, logs, cluster, clock);
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
            return outcome instanceof Outcome.Failed failed && RunEndings.RESUMED.contains(failed.type());
        }

        /** Whether the event of a webhook is given to another run, unless this was the last attempt. */
        public boolean repeated() {
            return outcome instanceof Outcome.Failed failed && isRepeated(failed);
        }

        /** Whether it ended at a checkpoint because the server stops, so that another run continues from there. */
        public boolean interrupted() {
            return outcome instanceof Outcome.Failed failed && failed.type().equals(RunEndings.INTERRUPTED);
        }
    }

    /** Whether a webhook run failed before its function could end. */
    static boolean isRepeated(Outcome.Failed failed) {
        return RunEndings.RESUMED.contains(failed.type()) || failed.type().equals(Outcome.NOT_STARTED);
    }

    /** Executes on this thread until the function ends; an interrupt cancels it. */
    public Ended execute(Work work) throws InterruptedException {
        return execute(work, work.type().longestWait());
    }

    /** The same for callers that have waited already: {@code workerWait} is the remaining time to wait for a worker. */
    public Ended execute(Work work, Duration workerWait) throws InterruptedException {
        try (var scope = scopes.open(Optional.empty())) {
            return execute(scope, work, workerWait, () -> {});
        }
    }

    /** To be opened before the decision what a sync's run does, so that no later {@link #cancel} is missed. */
    public CancelScope open(UUID sync) {
        return scopes.open(Optional.of(sync));
    }

    /** The same within the scope of a sync. Reports when the cache has been emptied, if the work requires that. */
    public Ended execute(CancelScope scope, Work work, Runnable emptied) throws InterruptedException {
        return execute(scope, work, work.type().longestWait(), emptied);
    }

    private Ended execute(CancelScope scope, Work work, Duration workerWait, Runnable emptied)
            throws InterruptedException {
        // Created before the run begins, because any failure after its beginning must end it.
        var script = functions.script(work.function());
        var operation = UUID.randomUUID();
        var started = clock.instant();
        boolean incremental = work.webhook().isPresent()
                || (work.function().syncType().filter("incremental"::equals).isPresent()
                        && work.sync().flatMap(Work.Sync::lastSyncDate).isPresent());
        var lease = begin(work, operation, incremental, started);
        scope.began(lease);
        try (var log = logs.open(work.operation(operation, started))) {
            return executor.execute(
                    scope, setup.serve(scope, lease, work, log, script, started), script, workerWait, emptied);
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // Between its beginning and the function. A run that never ended would be started again.
            return new Ended(lease.run(), operation, recorder.broken(lease, work, started, e), false);
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

    /**
     * In the transaction in which a task is claimed: ends what earlier claims have left running. Nothing more of those
     * runs is stored, even if their process is alive.
     */
    public void takeOver(Handle handle, Schedule.Claim claim) {
        lost.takeOver(handle, claim);
    }

    /** Ends runs that were begun by servers which counted as lost at that moment. */
    void endOrphans() {
        lost.endOrphans();
    }

    /** From now on syncs end at their next checkpoint. */
    public void stop() {
        stopping = true;
    }

    /** Whether nothing new should begin. */
    public boolean isStopping() {
        return stopping;
    }

    /** Cancels everything that still runs in this process. */
    public void abort() {
        scopes.cancelAll();
    }

    /**
     * Cancels the run of a sync, in the transaction because of which it must end. In this process it is cancelled right
     * after the commit, in another one within about a second. If the caller also locks the sync, it must do so first.
     */
    public void cancel(Handle handle, UUID sync) {
        store.cancel(handle, sync);
        handle.afterCommit(() -> scopes.cancel(sync));
    }

    /**
     * Cancels all runs of a sync that is deleted, those of its webhook function too. Runs of the webhook function end within
     * seconds.
     */
    public void cancelAll(Handle handle, UUID sync) {
        store.cancelAll(handle, sync);
        handle.afterCommit(() -> scopes.cancel(sync));
    }

    @Override
    public void close() {
        recorder.close();
        scopes.close();
    }

    /** The metadata of its connection have a version to which the run itself led. */
    public void metadataSeen(Handle handle, long run, long version) {
        store.metadataSeen(handle, run, version);
    }

    /** Others changed the metadata of its connection under a run. */
    public void metadataChanged(Handle handle, long run) {
        store.metadataChanged(handle, run);
    }

    /** Removes runs of these syncs that are older, no more than {@code most}; answers how many. */
    public int removeOf(Handle handle, Collection<UUID> syncs, Instant before, int most) {
        return store.removeOf(handle, syncs, before, most);
    }

    /** Those of the syncs that have runs. */
    public Set<UUID> anyOf(Handle handle, Collection<UUID> syncs) {
        return store.anyOf(handle, syncs);
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
        return dryRuns;
    }

    public Checkpoints checkpoints() {
        return checkpoints;
    }
}
