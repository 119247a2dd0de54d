package dev.millrace.server.function.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The workers of one environment, which no other environment ever uses, and the queue in front of them. */
final class Pool {
    private static final Logger LOG = LoggerFactory.getLogger(Pool.class);
    private static final int CONCURRENT = 200;
    private static final int BUSY = 8;
    private static final int RECYCLE = 20_000;
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /** Where workers come from. */
    interface Source {
        Worker take() throws IOException;
    }

    private final Source source;
    private final int most;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Worker, Integer> loads = new HashMap<>();
    private int starting;
    private @Nullable IOException failure;
    private boolean closed;

    Pool(Source source, int most) {
        this.source = source;
        this.most = most;
    }

    /** A place on a worker, or null when none came free in time. */
    @Nullable
    Worker acquire(long deadline) throws InterruptedException, IOException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                var best = best();
                int load = best == null ? CONCURRENT : loads.getOrDefault(best, 0);
                if (load >= BUSY && usable().count() + starting < most) {
                    grow();
                }
                if (best != null && load < CONCURRENT) {
                    loads.merge(best, 1, Integer::sum);
                    return best;
                }
                if (starting == 0 && failure != null) {
                    var cause = failure;
                    failure = null;
                    throw cause;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return null;
                }
                // A worker whose cancelled code came back late says nothing, so look again now and then.
                changed.awaitNanos(Math.min(left, LOOK_AGAIN.toNanos()));
            }
            throw new IOException("The function runtime is closed");
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Worker best() {
        return usable().min(Comparator.comparing(loads::get)).orElse(null);
    }

    /** Those that get new work; one that has served its time, or hangs, only finishes what it has. */
    private Stream<Worker> usable() {
        return loads.keySet().stream()
                .filter(worker -> !worker.isDead() && !worker.hasOverdue() && worker.executions() < RECYCLE);
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
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void gone(Worker worker) {
        lock.lock();
        try {
            loads.remove(worker);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void release(Worker worker) {
        lock.lock();
        try {
            loads.computeIfPresent(worker, (_, load) -> load - 1);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets and returns the workers that have been idle too long, or have served their time. */
    List<Worker> retire(Duration idle) {
        lock.lock();
        try {
            var retired = new ArrayList<Worker>();
            loads.forEach((worker, load) -> {
                if (load == 0
                        && worker.load() == 0
                        && (worker.unused().compareTo(idle) > 0 || worker.executions() >= RECYCLE)) {
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
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    static long deadline(Duration limit) {
        return System.nanoTime() + limit.toNanos();
    }
}
