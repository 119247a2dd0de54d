package dev.millrace.server.run;

import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.db.Outage;
import dev.millrace.server.db.OutageRetry;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Json;
import dev.millrace.server.log.Status;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Records the outcomes of runs. Every run that has begun ends: with its outcome, or with a failure that says that the
 * outcome could not be recorded, or with its status alone. Thread-safe.
 */
final class RunRecorder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunRecorder.class);
    private static final String INTERRUPTED = "{\"type\":\"script_aborted\",\"message\":\"The run was interrupted.\"}";

    private final RunStore store;
    private final Completions completions;
    private final Clock clock;
    private final BooleanSupplier stopping;
    private final OutageRetry retry = new OutageRetry();

    RunRecorder(RunStore store, Completions completions, Clock clock, BooleanSupplier stopping) {
        this.store = store;
        this.completions = completions;
        this.clock = clock;
        this.stopping = stopping;
    }

    /** @param outcome null: cancelled */
    record Ending(@Nullable Outcome outcome, boolean metadataChanged) {}

    /** Records the end of a run; returns what was recorded. */
    Ending end(ActiveRun run, @Nullable Outcome outcome) {
        run.records().finish();
        if (!isAwaited(run.work())) {
            return retry.until(() -> recorded(run, outcome));
        }
        try {
            return recorded(run, outcome);
        } catch (RuntimeException e) {
            if (Outage.behind(e).isEmpty()) {
                throw e;
            }
            aside(run.lease().run(), () -> retry.until(() -> recorded(run, outcome)));
            return new Ending(outcome, false);
        }
    }

    /** The caller of an action or a function gets its response soon, even if the outcome cannot be recorded. */
    private static boolean isAwaited(Work work) {
        return work.type().isAnswered() && work.claim().isEmpty();
    }

    private static void aside(long run, Runnable work) {
        Thread.ofVirtual().name("end-of-run-" + run).start(work);
    }

    private Ending recorded(ActiveRun run, @Nullable Outcome outcome) {
        try {
            return new Ending(outcome, record(run, outcome, run.checkpoint().range()));
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException e) {
            if (Outage.behind(e).isPresent()) {
                throw e;
            }
            LOG.error("The outcome of run {} could not be recorded", run.lease().run(), e);
            return unrecorded(run);
        }
    }

    private Ending unrecorded(ActiveRun run) {
        var failure = Failures.unrecorded();
        try {
            return new Ending(failure, record(run, failure, Optional.empty()));
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException e) {
            if (Outage.behind(e).isPresent()) {
                throw e;
            }
            abandon(run.lease(), run.work(), run.startedAt(), failure);
            run.log().end(Status.FAILED, RunEndings.message(Status.FAILED), Json.text(Failures.stored(failure)));
            return new Ending(failure, false);
        }
    }

    /** @return whether others changed the metadata under the run */
    private boolean record(ActiveRun run, @Nullable Outcome outcome, Optional<ObjectNode> checkpoints) {
        releaseLocks(run);
        var results = run.records().result();
        var result = Json.text(results);
        var now = clock.instant();
        var error = switch (outcome) {
            case Outcome.Succeeded _ -> Optional.<String>empty();
            case Outcome.Failed failed -> Optional.of(run.log().blank(Json.text(Failures.stored(failed))));
            case null -> Optional.of(INTERRUPTED);
        };
        var status = RunEndings.status(outcome, stopping.getAsBoolean());
        var changed = store.end(
                run.lease(),
                error.isEmpty(),
                result,
                error,
                checkpoints.map(Json::text),
                run.pin().held() || run.checkpoint().held(),
                now,
                completions.of(new Completions.Ended(
                        run.work(),
                        run.startedAt(),
                        outcome,
                        stopping.getAsBoolean(),
                        results,
                        checkpoints,
                        run.log()::blank,
                        now)));
        if (changed.isEmpty()) {
            run.log().end(Status.INTERRUPTED, RunEndings.LOST_MESSAGE, RunEndings.LOST_ERROR);
            throw run.lease().lost();
        }
        // A successful call needs no log line besides its operation.
        boolean worthALine = status != Status.SUCCESS || !run.work().type().isAnswered();
        run.log().end(status, worthALine ? RunEndings.message(status) : null, error.orElse(result));
        return changed.get();
    }

    /** Locks that are not released expire by themselves. */
    private static void releaseLocks(ActiveRun run) {
        try {
            run.host().releaseLocks();
        } catch (RuntimeException e) {
            LOG.warn(
                    "The locks of run {} could not be released: {}", run.lease().run(), e.getMessage());
        }
    }

    /** Ends a run whose function was not called, or whose end could not be recorded. */
    Outcome broken(RunLease lease, Work work, Instant started, Throwable fault) {
        LOG.error("Run {} broke", lease.run(), fault);
        var failure = Failures.of(work, fault);
        abandon(lease, work, started, failure);
        return failure;
    }

    private void abandon(RunLease lease, Work work, Instant started, Outcome.Failed failure) {
        var error = Json.text(Failures.stored(failure));
        var told = completions.of(new Completions.Ended(
                work,
                started,
                failure,
                stopping.getAsBoolean(),
                Json.object(),
                Optional.empty(),
                UnaryOperator.identity(),
                clock.instant()));
        Runnable ending = () -> retry.insist(() -> store.abandon(lease, error, clock.instant(), told));
        if (isAwaited(work)) {
            aside(lease.run(), ending);
        } else {
            ending.run();
        }
    }

    /**
     * Handles a run whose beginning has failed, because it may have been committed without a confirmation. A run that
     * belongs to a task is taken over with the task.
     */
    void unbegun(Work work, UUID operation, RuntimeException why) {
        if (work.claim().isEmpty() && Outage.behind(why).isPresent()) {
            var error = Json.text(Failures.stored(Failures.broken()));
            aside(0, () -> retry.insist(() -> store.abandon(operation, error, clock.instant())));
        }
    }

    /** Stops retrying when the database is unavailable. */
    @Override
    public void close() {
        retry.end();
    }
}
