package dev.millrace.server.log;

import dev.millrace.server.db.Outage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts lines without blocking callers and writes them in batches. Lines that the database refuses are lost, and so
 * are lines that exceed the memory limit. The state of an operation is written again until the database accepts it.
 * Thread-safe.
 */
final class LogWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);
    private static final long PAUSE_MILLIS = 500;
    private static final int BATCH = 1_000;
    private static final long BATCH_CHARACTERS = 4_000_000;
    private static final long MOST_CHARACTERS = 32_000_000;
    private static final int ATTEMPTS = 5;
    private static final long FLUSH_MILLIS = 2_000;
    private static final long CLOSE_MILLIS = 5_000;

    /** @param last the number of the last entry in the batch */
    private record Batch(List<Logs.Log> logs, List<Entry> lines, long last) {}

    private final LogStore store;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition done = lock.newCondition();
    private final ArrayList<Entry> lines = new ArrayList<>();
    private final Set<Logs.Log> changed = new LinkedHashSet<>();
    private final Thread thread;
    private long characters;
    private long told;
    private long written;
    private int hurried;
    private boolean closed;

    LogWriter(LogStore store) {
        this.store = store;
        this.thread = Thread.ofVirtual().name("log-writer").start(this::run);
    }

    /** Accepts a line; false when the buffer is full. */
    boolean offer(Entry line) {
        lock.lock();
        try {
            if (closed || characters + line.size() > MOST_CHARACTERS) {
                return false;
            }
            lines.add(line);
            told++;
            characters += line.size();
            if (lines.size() == 1 || lines.size() == BATCH) {
                work.signal();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Schedules a write of the operation's state. */
    void changed(Logs.Log log) {
        lock.lock();
        try {
            told++;
            if (changed.add(log) && changed.size() == 1) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything offered before has been written or lost, for at most two seconds. */
    void flush() {
        lock.lock();
        try {
            long last = told;
            hurried++;
            work.signal();
            long left = TimeUnit.MILLISECONDS.toNanos(FLUSH_MILLIS);
            while (left > 0 && written < last) {
                left = done.awaitNanos(left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            hurried--;
            lock.unlock();
        }
    }

    private void run() {
        try {
            for (var batch = next(); batch != null; batch = next()) {
                write(batch);
                written(batch.last());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for entries, and a little longer for a larger batch; null when closed and empty. */
    private @Nullable Batch next() throws InterruptedException {
        lock.lock();
        try {
            while (isEmpty() && !closed) {
                work.await();
            }
            long left = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
            while (left > 0 && hurried == 0 && !closed && lines.size() < BATCH) {
                left = work.awaitNanos(left);
            }
            return isEmpty() ? null : take();
        } finally {
            lock.unlock();
        }
    }

    private Batch take() {
        int count = 0;
        long taken = 0;
        while (count < Math.min(BATCH, lines.size()) && taken < BATCH_CHARACTERS) {
            taken += lines.get(count++).size();
        }
        var head = lines.subList(0, count);
        var batch = List.copyOf(head);
        head.clear();
        characters -= taken;
        var logs = List.copyOf(changed);
        changed.clear();
        return new Batch(logs, batch, lines.isEmpty() ? told : written);
    }

    private boolean isEmpty() {
        return lines.isEmpty() && changed.isEmpty();
    }

    private void written(long last) {
        lock.lock();
        try {
            written = last;
            done.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void write(Batch batch) throws InterruptedException {
        // Called without holding our lock: a thread that holds the lock of a log may be waiting for it.
        var operations = batch.logs().stream().map(Logs.Log::state).toList();
        for (int attempt = 1; ; attempt++) {
            try {
                store.write(operations, batch.lines());
                return;
            } catch (RuntimeException e) {
                // Lines wait while the database is unavailable, up to the memory limit.
                boolean waits = Outage.behind(e).isPresent();
                if (closed() || (attempt >= ATTEMPTS && !waits)) {
                    LOG.error("{} log lines are lost", batch.lines().size(), e);
                    break;
                }
                TimeUnit.SECONDS.sleep(waits ? 1 : attempt);
            }
        }
        batch.logs().forEach(this::writeAlone);
    }

    /** A line or operation that the database refuses must not stop the others. */
    private void writeAlone(Logs.Log log) {
        try {
            store.write(List.of(log.state()), List.of());
        } catch (RuntimeException e) {
            if (closed()) {
                LOG.error("The state of the operation {} is lost", log.operation(), e);
            } else {
                changed(log);
            }
        }
    }

    private boolean closed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        try {
            if (!thread.join(Duration.ofMillis(CLOSE_MILLIS))) {
                LOG.warn("the last log lines could not be written in time");
                thread.interrupt();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
