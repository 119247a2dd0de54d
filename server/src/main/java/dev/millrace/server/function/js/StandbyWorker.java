package dev.millrace.server.function.js;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker process that is ready for the next environment that needs one. Thread-safe. */
final class StandbyWorker {
    private static final Logger LOG = LoggerFactory.getLogger(StandbyWorker.class);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);

    private final Pool.Source source;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition settled = lock.newCondition();
    private @Nullable Worker ready;
    private boolean starting;
    private boolean closed;
    private long notBefore = System.nanoTime();

    /** @param source starts processes */
    StandbyWorker(Pool.Source source) {
        this.source = source;
    }

    /** The process that is ready or starting; null when there is none. Fails after this has been closed. */
    @Nullable
    Worker take() throws IOException {
        lock.lock();
        try {
            while (starting && !closed) {
                settled.awaitUninterruptibly();
            }
            if (closed) {
                throw new IOException("The function runtime is closed");
            }
            var taken = ready;
            ready = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Starts a process unless there is one; after a failure it waits before the next attempt. */
    void warm() {
        lock.lock();
        try {
            if (closed || starting || ready != null || System.nanoTime() - notBefore < 0) {
                return;
            }
            starting = true;
        } finally {
            lock.unlock();
        }
        Thread.ofVirtual().name("function-standby").start(this::start);
    }

    private void start() {
        Worker fresh = null;
        try {
            fresh = source.take();
        } catch (IOException | RuntimeException e) {
            LOG.warn("No standby function worker: {}", e.getMessage());
        }
        lock.lock();
        try {
            starting = false;
            if (fresh == null) {
                notBefore = System.nanoTime() + AFTER_FAILURE.toNanos();
            } else if (closed) {
                fresh.kill("function_runtime_other");
            } else {
                ready = fresh;
            }
            settled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the process, even if it is still starting. */
    void close() {
        lock.lock();
        try {
            closed = true;
            if (ready != null) {
                ready.kill("function_runtime_other");
            }
            settled.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
