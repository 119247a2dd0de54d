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
 * The workers of one environment, which no other environment ever uses, and the queue in front of them: who came first gets
 * the next free place, so that nobody starves.
 */
final class Pool {
    private static final Logger LOG = LoggerFactory.getLogger(Pool.class);
    private static final int BUSY = 8;
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /** Where workers come from. */
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

    /** A place on a worker, or null when none came free in time; fails when no worker can be started. */
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
                // A worker whose cancelled code came back late says nothing, so look again now and then.
                turn.awaitNanos(Math.min(left, LOOK_AGAIN.toNanos()));
            }
            throw new IOException("The function runtime is closed");
        } finally {
            queue.remove(turn);
            next();
            lock.unlock();
        }
    }

    /** A place on the worker with the least to do; starts one more where all are busy. */
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

    /** Whether one more worker may be started. */
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

    /** Those that get new work; one that has served its time, or hangs, only finishes what it has. */
    private Stream<Worker> usable() {
        return loads.keySet().stream().filter(worker -> !worker.isDead() && !worker.hasOverdue() && !hasServed(worker));
    }

    private boolean hasServed(Worker worker) {
        return worker.executions() >= limits.executions() || worker.age().compareTo(limits.age()) > 0;
    }

    /** Starts one more worker beside the callers, who go on with those there are. */
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

    /** Wakes the first of the queue, who on leaving it wakes the second: a worker's start has room for many. */
    private void next() {
        var first = queue.peek();
        if (first != null) {
            first.signal();
        }
    }

    /** Forgets and returns the workers that have been idle too long, or have served their time and have nothing left to do. */
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
