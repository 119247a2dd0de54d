package dev.millrace.server.function.js;

import dev.millrace.server.function.js.RuntimeConfig.PoolLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of one environment and the queue for them. No other environment uses these workers. Places are given in
 * order of arrival.
 */
final class Pool {
    private static final Logger LOG = LoggerFactory.getLogger(Pool.class);
    private static final int BUSY = 8;
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /** Starts workers. */
    interface Source {
        Worker take() throws IOException;
    }

    private final Source source;
    private final PoolLimits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Condition> queue = new ArrayDeque<>();
    private final Map<Worker, Integer> loads = new HashMap<>();
    private int starting;
    private @Nullable IOException failure;
    private boolean closed;

    Pool(Source source, PoolLimits limits) {
        this.source = source;
        this.limits = limits;
    }

    /** A place on a worker, or null when none was free in time; fails when no worker can be started. */
    @Nullable
    Worker acquire(long deadline) throws InterruptedException, IOException {
        lock.lockInterruptibly();
        var turn = lock.newCondition();
        queue.add(turn);
        try {
            while (!closed) {
                if (turn.equals(queue.peek())) {
                    var place = place();
                    if (place != null) {
                        return place;
                    }
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return null;
                }
                // A worker whose cancelled code ends late does not report it, so check again from time to time.
                turn.awaitNanos(Math.min(left, LOOK_AGAIN.toNanos()));
            }
            throw new IOException("The function runtime is closed");
        } finally {
            queue.remove(turn);
            next();
            lock.unlock();
        }
    }

    /** A place on the worker with the fewest executions; starts another worker when all are busy. */
    private @Nullable Worker place() throws IOException {
        var best = best();
        int load = best == null ? limits.concurrent() : loads.getOrDefault(best, 0);
        if (load >= Math.min(BUSY, limits.concurrent()) && hasRoom()) {
            grow();
        }
        if (best != null && load < limits.concurrent()) {
            loads.merge(best, 1, Integer::sum);
            return best;
        }
        if (starting == 0 && failure != null) {
            var cause = failure;
            failure = null;
            throw cause;
        }
        return null;
    }

    /** Whether another worker may be started. */
    boolean mayGrow() {
        lock.lock();
        try {
            return hasRoom();
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom() {
        return usable().count() + starting < limits.workers();
    }

    private @Nullable Worker best() {
        return usable().min(Comparator.comparing(loads::get)).orElse(null);
    }

    /**
     * Workers that accept new executions. A worker that has reached its age limit, or hangs, only finishes its current
     * ones.
     */
    private Stream<Worker> usable() {
        return loads.keySet().stream().filter(worker -> !worker.isDead() && !worker.hasOverdue() && !hasServed(worker));
    }

    private boolean hasServed(Worker worker) {
        return worker.executions() >= limits.executions() || worker.age().compareTo(limits.age()) > 0;
    }

    /** Starts another worker in the background; callers continue with the existing ones. */
    private void grow() {
        starting++;
        failure = null;
        Thread.ofVirtual().name("function-worker-start").start(() -> {
            Worker worker = null;
            IOException problem = null;
            try {
                worker = source.take();
            } catch (IOException e) {
                LOG.error("A function worker could not be started", e);
                problem = e;
            }
            started(worker, problem);
        });
    }

    private void started(@Nullable Worker worker, @Nullable IOException problem) {
        lock.lock();
        try {
            starting--;
            failure = problem;
            if (worker != null && closed) {
                worker.kill("function_runtime_other");
            } else if (worker != null) {
                loads.put(worker, 0);
                worker.start(() -> gone(worker));
            }
            next();
        } finally {
            lock.unlock();
        }
    }

    private void gone(Worker worker) {
        lock.lock();
        try {
            loads.remove(worker);
            next();
        } finally {
            lock.unlock();
        }
    }

    void release(Worker worker) {
        lock.lock();
        try {
            loads.computeIfPresent(worker, (_, load) -> load - 1);
            next();
        } finally {
            lock.unlock();
        }
    }

    /** Wakes the first caller of the queue, which wakes the second when it leaves: a new worker has many places. */
    private void next() {
        var first = queue.peek();
        if (first != null) {
            first.signal();
        }
    }

    /** Removes and returns workers that have been idle too long, or are idle and have reached their age limit. */
    List<Worker> retire() {
        lock.lock();
        try {
            var retired = new ArrayList<Worker>();
            loads.forEach((worker, load) -> {
                if (load == 0
                        && worker.load() == 0
                        && (worker.unused().compareTo(limits.idle()) > 0 || hasServed(worker))) {
                    retired.add(worker);
                }
            });
            retired.forEach(loads::remove);
            return retired;
        } finally {
            lock.unlock();
        }
    }

    List<Worker> workers() {
        lock.lock();
        try {
            return List.copyOf(loads.keySet());
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            loads.keySet().forEach(worker -> worker.kill("function_runtime_other"));
            queue.forEach(Condition::signal);
        } finally {
            lock.unlock();
        }
    }

    static long deadline(Duration limit) {
        return System.nanoTime() + limit.toNanos();
    }
}
