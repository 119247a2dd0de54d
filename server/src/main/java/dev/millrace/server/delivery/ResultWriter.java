package dev.millrace.server.delivery;

import dev.millrace.server.db.Outage;
import dev.millrace.server.db.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records results in batches: those that come while one batch is written make up the next one. What cannot be recorded is
 * sent again by whoever takes over. Thread-safe.
 */
final class ResultWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ResultWriter.class);
    private static final int BATCH = 500;

    private final DeliveryStore store;
    private final Written written;
    private final Patience patience = new Patience();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final List<Result> waiting = new ArrayList<>();
    private final Thread thread;
    private boolean closed;

    /** Hears of results that are recorded, or lost. */
    interface Written {
        /** @param closed addresses that are left alone from now on */
        void done(List<Result> results, List<Long> closed);
    }

    ResultWriter(DeliveryStore store, Written written) {
        this.store = store;
        this.written = written;
        this.thread = Thread.ofVirtual().name("webhook-results").start(this::run);
    }

    /** Those of one call are written together. */
    void offer(List<Result> results) {
        lock.lock();
        try {
            waiting.addAll(results);
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            for (var batch = next(); !batch.isEmpty(); batch = next()) {
                write(batch);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Result> next() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                work.await();
            }
            if (waiting.size() <= BATCH) {
                var all = List.copyOf(waiting);
                waiting.clear();
                return all;
            }
            var head = waiting.subList(0, BATCH);
            var batch = List.copyOf(head);
            head.clear();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void write(List<Result> batch) {
        List<Long> left = List.of();
        try {
            left = patience.until(() -> store.record(batch));
        } catch (RuntimeException e) {
            if (batch.size() > 1 && Outage.behind(e).isEmpty()) {
                batch.forEach(result -> write(List.of(result)));
                return;
            }
            LOG.error("The results of {} webhooks could not be recorded; they are sent again", batch.size(), e);
        }
        written.done(batch, left);
    }

    /** Records what was offered. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        patience.end();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
