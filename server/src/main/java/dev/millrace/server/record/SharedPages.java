package dev.millrace.server.record;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Pages that many streams read at the same place, read once. A page is good as long as nothing was changed since its
 * reading began; the last ones are kept, up to a number of bytes. Few are read at a time, whatever the number of streams.
 */
final class SharedPages {
    private static final long MOST_BYTES = 16L * 1024 * 1024;
    // What a page costs beside its text.
    private static final long OVERHEAD = 1024;

    private record Key(Dataset dataset, RecordQuery query) {}

    /** A page that is read, or was. */
    private final class Reading {
        final long tick;
        final FutureTask<Events> page;
        // Guarded by the lock.
        long bytes = OVERHEAD;

        Reading(Key key, long tick) {
            this.tick = tick;
            this.page = new FutureTask<>(() -> load(key, this));
        }
    }

    private final Pages pages;
    private final Semaphore turns;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Reading> readings = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;
    private long reads;

    /** @param turns how many may use the database at a time */
    SharedPages(Pages pages, Semaphore turns) {
        this.pages = pages;
        this.turns = turns;
    }

    /** @param tick of the dataset's watch, asked before: the page shows at least what was seen then */
    Events read(Dataset dataset, RecordQuery query, long tick) throws InterruptedException {
        while (true) {
            var reading = reading(new Key(dataset, query), tick);
            // Does nothing where another stream has begun.
            reading.page.run();
            try {
                return reading.page.get();
            } catch (ExecutionException e) {
                rethrow(e);
            }
        }
    }

    /** Returns when it was another stream that was interrupted while it read for all. */
    private static void rethrow(ExecutionException e) throws InterruptedException {
        switch (e.getCause()) {
            case InterruptedException _ when !Thread.interrupted() -> {}
            case InterruptedException mine -> throw mine;
            case RuntimeException failure -> throw failure;
            case null, default -> throw new IllegalStateException(e);
        }
    }

    private Reading reading(Key key, long tick) {
        lock.lock();
        try {
            var known = readings.get(key);
            if (known != null && known.tick >= tick) {
                return known;
            }
            var mine = new Reading(key, tick);
            drop(readings.put(key, mine));
            bytes += mine.bytes;
            return mine;
        } finally {
            lock.unlock();
        }
    }

    private Events load(Key key, Reading reading) throws InterruptedException {
        long size = -1;
        try {
            turns.acquire();
            try {
                var events = pages.events(key.dataset, key.query);
                size = events.text().length;
                return events;
            } finally {
                turns.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw e;
        } finally {
            ended(key, reading, size);
        }
    }

    /** Keeps a page, or forgets the reading that failed, and makes room. */
    private void ended(Key key, Reading reading, long size) {
        lock.lock();
        try {
            reads++;
            if (size < 0 && readings.remove(key, reading)) {
                drop(reading);
            } else if (readings.get(key) == reading) {
                reading.bytes += size;
                bytes += size;
            }
            for (Iterator<Reading> oldest = readings.values().iterator(); bytes > MOST_BYTES && oldest.hasNext(); ) {
                drop(oldest.next());
                oldest.remove();
            }
        } finally {
            lock.unlock();
        }
    }

    private void drop(@Nullable Reading gone) {
        bytes -= gone == null ? 0 : gone.bytes;
    }

    /** How many pages were read from the database so far. */
    long reads() {
        lock.lock();
        try {
            return reads;
        } finally {
            lock.unlock();
        }
    }

    /** How many bytes are kept. */
    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }
}
