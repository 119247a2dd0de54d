package dev.millrace.server.schedule;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Outage;
import dev.millrace.server.db.OutageRetry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
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
 * Entry point for tasks. They survive restarts, and each runs in one process of a cluster at a time. A task is a row of
 * db-scheduler's table, written in the transaction of the state to which it belongs. db-scheduler claims it, sends
 * heartbeats, and revives it when its process has died. Thread-safe once started.
 */
public final class Schedule implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    // The package cluster releases the tasks of a lost process sooner than these heartbeats. They serve for tasks that
    // a living process has dropped without saying so; those are found after 9 to 19 seconds.
    private static final Duration HEARTBEAT = Duration.ofSeconds(3);
    private static final int MISSED_BEATS = 4;
    // Most runs wait for an API most of the time. The limit keeps capacity of the worker pool for actions.
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
    private final OutageRetry retry = new OutageRetry();
    private volatile @Nullable Scheduler scheduler;

    public Schedule(Database db, Clock clock, Cluster cluster) {
        this.db = db;
        this.clock = clock;
        this.node = cluster.node();
        cluster.onLoss((handle, lost) -> release(handle, lost.node()));
    }

    /**
     * A task that this process runs. A process that was silent for too long has lost it to another one.
     *
     * @param version grows with every claim
     */
    public record Claim(String kind, String id, long version) {
        /** A name that is unique among all tasks. */
        public String task() {
            return kind + ':' + id;
        }

        /**
         * Makes sure that no other process claims the task until the transaction ends. Must come after the lock of the
         * state to which the task belongs.
         *
         * @throws LeaseLost when another process has done so since
         */
        public void check(Handle handle) {
            TaskStore.check(handle, this);
        }
    }

    /**
     * Executes a task. Before it returns it must call {@link #again} or {@link #finish} in the transaction that records
     * the outcome. A handler that throws is called again a minute later, or at once after an outage of the database.
     */
    public interface Handler {
        void run(Claim claim) throws InterruptedException;
    }

    /** Sets the handler for a kind of task. To be called before {@link #start}. */
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

    /** An interrupt means that the process stops. The task stays claimed, and is released when the process is gone. */
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

    /** Starts to run due tasks. */
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

    /** Releases the tasks of a lost server, so that they run again on any server. */
    private void release(Handle handle, String of) {
        TaskStore.release(handle, of);
        handle.afterCommit(this::wake);
    }

    /** Sets when a waiting task runs and creates it if necessary; false when it is running now. */
    public boolean at(Handle handle, String kind, String id, Instant when) {
        return TaskStore.put(handle, kind, id, when);
    }

    /** The same for many tasks. */
    public void at(Handle handle, String kind, Collection<String> ids, Instant when) {
        if (!ids.isEmpty()) {
            TaskStore.putAll(handle, kind, ids, when);
        }
    }

    /** Creates tasks; those that exist stay as they are. */
    public void add(Handle handle, String kind, Collection<String> ids, Instant when) {
        if (!ids.isEmpty()) {
            TaskStore.addAll(handle, kind, ids, when);
        }
    }

    /**
     * Creates a task, or claims a waiting one, for this process to run by {@link #run}; another process runs it when
     * this one dies. Empty when it is running now.
     */
    public Optional<Claim> claim(Handle handle, String kind, String id) {
        return TaskStore.claim(handle, kind, id, clock.instant(), node);
    }

    /**
     * Runs the claimed task and waits for its end. An interrupt ends the wait, not the task. If the work fails, the
     * handler of its kind runs the task again later.
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
        retry.until(() -> {
            db.useTransaction(handle -> again(handle, claim, next));
            return claim;
        });
    }

    /** Deletes a task unless it is running. */
    public void drop(Handle handle, String kind, String id) {
        TaskStore.drop(handle, kind, id);
    }

    /**
     * Called by a handler: the task runs again.
     *
     * @throws LeaseLost when another process has claimed it since
     */
    public void again(Handle handle, Claim claim, Instant when) {
        TaskStore.again(handle, claim, when);
    }

    /**
     * Called by a handler: the task is done and deleted.
     *
     * @throws LeaseLost when another process has claimed it since
     */
    public void finish(Handle handle, Claim claim) {
        TaskStore.finish(handle, claim);
    }

    /** Polls for due tasks at once. To be called after the transaction that made one due. */
    public void wake() {
        var started = scheduler;
        if (started != null) {
            started.triggerCheckForDueExecutions();
        }
    }

    /** Starts no further tasks; running ones continue and send heartbeats. */
    public void pause() {
        var started = scheduler;
        if (started != null) {
            started.pause();
        }
    }

    /** Waits until no task is running; false on timeout. */
    public boolean awaitIdle(Duration longest) throws InterruptedException {
        if (!idle.tryAcquire(Integer.MAX_VALUE, longest.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        idle.release(Integer.MAX_VALUE);
        return true;
    }

    /** Interrupts all running tasks and waits for them. */
    @Override
    public void close() {
        var started = scheduler;
        if (started == null) {
            return;
        }
        scheduler = null;
        retry.end();
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
