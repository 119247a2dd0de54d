package dev.millrace.server.delivery;

import dev.millrace.server.db.Outage;
import dev.millrace.server.db.OutageRetry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records results in batches. Results that arrive while a batch is written form the next batch. A delivery whose result
 * cannot be recorded is sent again after its claim is released. Thread-safe.
 */
final class ResultWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ResultWriter.class);
    private static final int BATCH = 500;

    private final DeliveryStore store;
    private final Listener listener;
    private final OutageRetry retry = new OutageRetry();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final List<Result> waiting = new ArrayList<>();
    private final Thread thread;
    private boolean closed;

    /** Is notified after each batch. */
    interface Listener {
        /**
         * Called when results were recorded or could not be recorded.
         *
         * @param opened the ids of the destinations whose circuit breaker is open now
         */
        void processed(List<Result> results, List<Long> opened);
    }

    ResultWriter(DeliveryStore store, Listener listener) {
        this.store = store;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("webhook-results").start(this::run);
    }

    /** Queues results. Does not block. */
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
        List<Long> opened = List.of();
        try {
            opened = retry.until(() -> store.record(batch));
        } catch (RuntimeException e) {
            if (batch.size() > 1 && Outage.behind(e).isEmpty()) {
                batch.forEach(result -> write(List.of(result)));
                return;
            }
            LOG.error("Could not record the results of {} webhooks; they will be sent again", batch.size(), e);
        }
        listener.processed(batch, opened);
    }

    /** Records all queued results and stops. Results that cannot be recorded at once are given up. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        retry.end();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
