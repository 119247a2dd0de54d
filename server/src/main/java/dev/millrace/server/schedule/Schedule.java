package dev.millrace.server.schedule;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Outage;
import dev.millrace.server.db.Patience;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entry point for tasks: they survive restarts and run in one process of a cluster at a time. A task is a row
 * of db-scheduler's table, written in the transaction of the state it belongs to. db-scheduler claims it, sends
 * heartbeats, and revives it when its process has died. Thread-safe once started.
 */
public final class Schedule implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    // The tasks of a dead process are released by the package cluster, sooner than by these beats. They find what a
    // living
    // process has let go of without saying so: after 9 to 19 seconds.
    private static final Duration HEARTBEAT = Duration.ofSeconds(3);
    private static final int MISSED_BEATS = 4;
    // Most of what runs waits for an API. It must leave room in the pool of workers for actions.
    private static final int MOST_AT_ONCE = 1_000;
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(60);
    private static final Duration AFTER_OUTAGE = Duration.ofSeconds(1);
    private static final Duration SHUTDOWN = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Schedule.class);

    private final Database db;
    private final Clock clock;
    private final String node;
    private final List<Task<?>> tasks = new ArrayList<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("task-", 0).factory());
    private final Semaphore idle = new Semaphore(Integer.MAX_VALUE);
    private final Patience patience = new Patience();
    private volatile @Nullable Scheduler scheduler;

    public Schedule(Database db, Clock clock, Cluster cluster) {
        this.db = db;
        this.clock = clock;
        this.node = cluster.node();
        cluster.onLoss((handle, lost) -> release(handle, lost.node()));
    }

    /**
     * A task that this process runs, until another one is given it: a process that was not heard of for long has lost it.
     *
     * @param version grows with every claim
     */
    public record Claim(String kind, String id, long version) {
        /** Names the task among all. */
        public String task() {
            return kind + ':' + id;
        }

        /**
         * Makes sure, until the transaction ends, that no other process claims the task. It comes after the lock of what
         * the task belongs to.
         *
         * @throws LeaseLost when one has done so since
         */
        public void check(Handle handle) {
            TaskStore.check(handle, this);
        }
    }

    /**
     * Does a task's work. Before it returns it has called {@link #again} or {@link #finish} in the transaction that
     * records the outcome; a handler that throws is called again a minute later, or at once
     * after an outage of the database.
     */
    public interface Handler {
        void run(Claim claim) throws InterruptedException;
    }

    /** Connects a kind of task with its handler; before {@link #start}. */
    public void handle(String kind, Handler handler) {
        tasks.add(Tasks.custom(kind, Void.class)
                .onFailure((complete, operations) -> operations.reschedule(
                        complete, clock.instant().plus(pause(complete.getCause().orElse(null)))))
                .onDeadExecution((complete, operations) -> operations.reschedule(complete, clock.instant()))
                .execute((instance, context) -> {
                    idle.acquireUninterruptibly();
                    try {
                        run(handler, new Claim(kind, instance.getId(), context.getExecution().version));
                    } finally {
                        idle.release();
                    }
                    return (_, _) -> {};
                }));
    }

    private static Duration pause(@Nullable Throwable failure) {
        return Outage.behind(failure).isPresent() ? AFTER_OUTAGE : AFTER_FAILURE;
    }

    /** An interrupt means that the process stops: the task stays picked, and is released when the process is gone. */
    private static void run(Handler handler, Claim claim) {
        try {
            handler.run(claim);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (LeaseLost e) {
            LOG.warn("{}", e.getMessage());
        } catch (RuntimeException e) {
            if (!Thread.currentThread().isInterrupted()) {
                throw e;
            }
            LOG.info("{} was interrupted; another server or the next start runs it again", claim.task());
        }
    }

    /** Begins to run due tasks. */
    public void start() {
        var started = Scheduler.create(db.dataSource(), tasks)
                .schedulerName(new SchedulerName.Fixed(node))
                .threads(MOST_AT_ONCE)
                .executorService(threads)
                .pollUsingLockAndFetch(0.5, 1.0)
                .pollingInterval(POLL)
                .heartbeatInterval(HEARTBEAT)
                .missedHeartbeatsLimit(MISSED_BEATS)
                .shutdownMaxWait(Duration.ZERO)
                .build();
        started.start();
        scheduler = started;
    }

    /** Has the tasks that a server ran begin anew, here or elsewhere: it is gone. */
    private void release(Handle handle, String of) {
        TaskStore.release(handle, of);
        handle.afterCommit(this::wake);
    }

    /** Sets when a waiting task runs, creating it if need be; false when it is running at the moment. */
    public boolean at(Handle handle, String kind, String id, Instant when) {
        return TaskStore.put(handle, kind, id, when);
    }

    /**
     * Creates a task, or takes a waiting one, for this process to run by {@link #run}; another process runs it when this
     * one dies. Empty when it is running at the moment.
     */
    public Optional<Claim> claim(Handle handle, String kind, String id) {
        return TaskStore.claim(handle, kind, id, clock.instant(), node);
    }

    /**
     * Runs the claimed task and waits for its end. An interrupt ends the waiting, not the task. When the work fails, the
     * task runs again later, by the handler of its kind.
     *
     * @throws LeaseLost when another process has claimed it
     */
    public <T> T run(Claim claim, Callable<T> work) throws InterruptedException {
        var running = new FutureTask<>(work);
        threads.execute(() -> {
            idle.acquireUninterruptibly();
            try {
                running.run();
                if (running.state() == Future.State.FAILED) {
                    putOff(claim, running.exceptionNow());
                }
            } finally {
                idle.release();
            }
        });
        try {
            return running.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case InterruptedException _ -> throw new InterruptedException(claim.task() + " was interrupted");
                case null, default -> throw new IllegalStateException(claim.task() + " failed", e);
            }
        }
    }

    /** An interrupt means that the process stops: the task is released when the process is gone. */
    private void putOff(Claim claim, Throwable why) {
        if (why instanceof LeaseLost || why instanceof InterruptedException) {
            return;
        }
        LOG.warn("{} failed; it runs again", claim.task(), why);
        var next = clock.instant().plus(pause(why));
        patience.until(() -> {
            db.useTransaction(handle -> again(handle, claim, next));
            return claim;
        });
    }

    /** Removes a task unless it is running. */
    public void drop(Handle handle, String kind, String id) {
        TaskStore.drop(handle, kind, id);
    }

    /**
     * From a handler: the task is to run again.
     *
     * @throws LeaseLost when another process has claimed it since
     */
    public void again(Handle handle, Claim claim, Instant when) {
        TaskStore.again(handle, claim, when);
    }

    /**
     * From a handler: the task is done for good.
     *
     * @throws LeaseLost when another process has claimed it since
     */
    public void finish(Handle handle, Claim claim) {
        TaskStore.finish(handle, claim);
    }

    /** Looks for due tasks at once instead of at the next poll; after the transaction that made one due. */
    public void wake() {
        var started = scheduler;
        if (started != null) {
            started.triggerCheckForDueExecutions();
        }
    }

    /** Begins no further tasks; those under way go on and send heartbeats. */
    public void pause() {
        var started = scheduler;
        if (started != null) {
            started.pause();
        }
    }

    /** Waits until no task is under way; false when the time is over first. */
    public boolean awaitIdle(Duration patience) throws InterruptedException {
        if (!idle.tryAcquire(Integer.MAX_VALUE, patience.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        idle.release(Integer.MAX_VALUE);
        return true;
    }

    /** Interrupts what runs and waits for it. */
    @Override
    public void close() {
        var started = scheduler;
        if (started == null) {
            return;
        }
        scheduler = null;
        patience.end();
        started.pause();
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(SHUTDOWN.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("some tasks did not end within {}; they run again after the next start", SHUTDOWN);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        started.stop();
    }
}
