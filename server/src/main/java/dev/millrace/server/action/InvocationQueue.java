package dev.millrace.server.action;

import dev.millrace.server.action.InvocationStore.Invocation;
import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.db.Database;
import dev.millrace.server.http.Failure;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes stored calls of bundle functions. Each lane is a task, so only one server of a cluster works on it at a time,
 * and the calls of a lane run one after another in order of arrival. A call whose server is lost is not repeated.
 * Thread-safe.
 */
final class InvocationQueue {
    static final String TASK = "function-invocations";

    private static final Logger LOG = LoggerFactory.getLogger(InvocationQueue.class);
    private static final String ENDED = "invocation-ended";
    private static final ActionResult STOPPED = InvocationOutcome.failed("The server was stopped");
    /** Interval of polling for an outcome whose message was lost. */
    private static final Duration LOOK = Duration.ofSeconds(2);
    /** Leaves room for the other tasks of this server. */
    private static final int MOST_AT_ONCE = 400;

    private static final Duration WITHOUT_ROOM = Duration.ofMillis(500);

    private final Database db;
    private final InvocationStore store;
    private final Schedule schedule;
    private final Runs runs;
    private final InvocationWork works;
    private final Cluster cluster;
    private final Clock clock;
    private final Semaphore room = new Semaphore(MOST_AT_ONCE);
    private final Map<UUID, Semaphore> waiting = new ConcurrentHashMap<>();

    InvocationQueue(
            Database db,
            InvocationStore store,
            Schedule schedule,
            Runs runs,
            InvocationWork works,
            Cluster cluster,
            Clock clock) {
        this.db = db;
        this.store = store;
        this.schedule = schedule;
        this.runs = runs;
        this.works = works;
        this.cluster = cluster;
        this.clock = clock;
        schedule.handle(TASK, this::work);
        cluster.subscribe(ENDED, this::heard);
    }

    private void heard(String id) {
        if (id.isEmpty()) {
            waiting.values().forEach(Semaphore::release);
            return;
        }
        var waiter = waiting.get(UUID.fromString(id));
        if (waiter != null) {
            waiter.release();
        }
    }

    /** Waits for the outcome of a call; empty when the time is over. */
    Optional<ActionResult> await(long environment, UUID id, Duration longest) throws InterruptedException {
        var signal = waiting.computeIfAbsent(id, _ -> new Semaphore(0));
        try {
            long due = System.nanoTime() + longest.toNanos();
            while (true) {
                var result = result(environment, id);
                long left = due - System.nanoTime();
                if (result.isPresent() || left <= 0) {
                    return result;
                }
                if (runs.isStopping() && giveUp(id, STOPPED)) {
                    return Optional.of(STOPPED);
                }
                if (signal.tryAcquire(Math.min(left, LOOK.toNanos()), TimeUnit.NANOSECONDS)) {
                    signal.drainPermits();
                }
            }
        } finally {
            waiting.remove(id);
        }
    }

    /** Ends a call that has not started, because nobody waits for it any more; false when it has started. */
    boolean giveUp(UUID id, ActionResult result) {
        return db.inTransaction(handle -> store.giveUp(handle, id, result, clock.instant()));
    }

    private Optional<ActionResult> result(long environment, UUID id) {
        return db.withHandle(handle ->
                        store.find(handle, environment, id, clock.instant().minus(Invocations.KEPT)))
                .flatMap(InvocationStore.Known::result);
    }

    private void work(Schedule.Claim claim) throws InterruptedException {
        if (!room.tryAcquire()) {
            db.useTransaction(
                    handle -> schedule.again(handle, claim, clock.instant().plus(WITHOUT_ROOM)));
            return;
        }
        try {
            for (var next = next(claim); next.isPresent(); next = next(claim)) {
                end(claim, next.get(), outcome(claim, next.get()));
            }
        } finally {
            room.release();
        }
        db.useTransaction(handle -> {
            schedule.finish(handle, claim);
            // From here on, an addition to the lane has to create a new task.
            if (store.anyWaiting(handle, claim.id())) {
                schedule.at(handle, TASK, claim.id(), clock.instant());
            }
        });
    }

    /** Empty also when the server stops, so that another one goes on. */
    private Optional<Invocation> next(Schedule.Claim claim) {
        if (runs.isStopping()) {
            return Optional.empty();
        }
        return db.inTransaction(handle -> {
            var first = store.first(handle, claim.id());
            claim.check(handle);
            runs.takeOver(handle, claim);
            first.ifPresent(invocation -> store.start(handle, invocation));
            return first;
        });
    }

    private ActionResult outcome(Schedule.Claim claim, Invocation invocation) throws InterruptedException {
        if (invocation.running()) {
            return InvocationOutcome.failed(InvocationOutcome.LOST);
        }
        if (isLate(invocation)) {
            return InvocationOutcome.failed(InvocationOutcome.LATE);
        }
        try {
            return execute(claim, invocation);
        } catch (Failure failure) {
            return ActionResult.of(failure);
        } catch (InterruptedException e) {
            end(claim, invocation, STOPPED);
            throw e;
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("The function {} could not be run; id {}", invocation.function(), invocation.id(), e);
            return InvocationOutcome.failed("The platform failed; the server's log has the reason");
        }
    }

    private boolean isLate(Invocation invocation) {
        return invocation.expiresAt().isBefore(clock.instant());
    }

    private ActionResult execute(Schedule.Claim claim, Invocation invocation) throws InterruptedException {
        var work = works.of(invocation).of(claim);
        while (true) {
            var ended = runs.execute(work);
            if (InvocationWork.hasStarted(ended) || isLate(invocation)) {
                return InvocationOutcome.of(ended);
            }
        }
    }

    private void end(Schedule.Claim claim, Invocation invocation, ActionResult result) {
        db.useTransaction(handle -> {
            claim.check(handle);
            store.end(handle, invocation.id(), result, clock.instant());
            if (invocation.awaited()) {
                cluster.send(handle, ENDED, invocation.id().toString());
            }
        });
    }
}
