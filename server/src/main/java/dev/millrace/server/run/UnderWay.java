package dev.millrace.server.run;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs of this process and the threads they are on. Looks once a second whether another process wishes the end of one.
 * Thread-safe.
 */
final class UnderWay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UnderWay.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final RunStore store;
    private final Map<Long, Thread> threads = new ConcurrentHashMap<>();
    private final Semaphore closing = new Semaphore(0);

    UnderWay(RunStore store) {
        this.store = store;
        Thread.ofVirtual().name("run-watch").start(this::watch);
    }

    void begun(long run) {
        threads.put(run, Thread.currentThread());
    }

    void ended(long run) {
        threads.remove(run);
    }

    /** Interrupts all of them. */
    void abort() {
        threads.keySet().forEach(this::interrupt);
    }

    /** Once only: a second time would hit the run while it writes down how it ended. */
    private void interrupt(long run) {
        var thread = threads.remove(run);
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void watch() {
        try {
            while (!closing.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        if (threads.isEmpty()) {
            return;
        }
        try {
            store.cancelled(threads.keySet()).forEach(this::interrupt);
        } catch (RuntimeException e) {
            LOG.warn("cannot see which runs are cancelled: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closing.release();
    }
}
