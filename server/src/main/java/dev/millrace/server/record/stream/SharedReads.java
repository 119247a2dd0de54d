package dev.millrace.server.record.stream;

import dev.millrace.server.http.Failure;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Page;
import dev.millrace.server.record.Position;
import dev.millrace.server.record.RecordQuery;
import dev.millrace.server.record.Records;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads for streams. Streams with the same query at the same position share one read, its decryption and its encoding.
 * The newest batches are kept for streams that follow shortly. Thread-safe.
 */
final class SharedReads {
    /** Streams read no larger pages, because each open stream may hold one. */
    private static final int PAGE_BYTES = 1024 * 1024;

    private static final long KEPT_BYTES = 32L * 1024 * 1024;
    private static final int OVERHEAD = 512;

    /** Leaves database connections for others. */
    private static final int READERS = 4;

    private final Records records;
    private final Semaphore readers = new Semaphore(READERS, true);
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Place, FutureTask<EventBatch>> running = new LinkedHashMap<>();
    private final LinkedHashMap<Place, EventBatch> kept = new LinkedHashMap<>(16, 0.75F, true);
    private long keptBytes;

    SharedReads(Records records) {
        this.records = records;
    }

    /** @param lives of the channel: contents read before they were emptied are not sent to a stream that knows of it */
    private record Place(Dataset dataset, RecordQuery query, long lives) {}

    /**
     * Reads the next batch.
     *
     * @param known the known state of the dataset; the batch includes everything up to it
     * @throws Failure as {@link Records#list} does
     */
    EventBatch read(Dataset dataset, RecordQuery query, Channel.State known) throws InterruptedException {
        var place = new Place(dataset, query, known.lives());
        FutureTask<EventBatch> reading;
        boolean mine = false;
        lock.lock();
        try {
            var done = kept.get(place);
            // A read that began before the known state may lack newer changes, but is complete up to its own end.
            if (done != null && (done.more() || done.last().isPresent() || !isBehind(done, known))) {
                return done;
            }
            var started = running.get(place);
            if (started == null) {
                started = new FutureTask<>(() -> fetch(dataset, query, known));
                running.put(place, started);
                mine = true;
            }
            reading = started;
        } finally {
            lock.unlock();
        }
        if (mine) {
            reading.run();
            finish(place, reading);
        }
        return result(reading);
    }

    private static boolean isBehind(EventBatch batch, Channel.State known) {
        return Position.before(known.head() + 1).isAfter(batch.until());
    }

    private EventBatch fetch(Dataset dataset, RecordQuery query, Channel.State known) throws InterruptedException {
        Page page;
        readers.acquire();
        try {
            page = records.list(dataset, query, PAGE_BYTES);
        } finally {
            readers.release();
        }
        var last = page.items().isEmpty()
                ? Optional.<Position>empty()
                : Optional.of(page.items().getLast().position());
        boolean more = page.nextCursor().isPresent();
        var until = last.orElse(query.from());
        var head = Position.before(known.head() + 1);
        // The read includes everything that was committed when it began, whether the filter selected it or not.
        return new EventBatch(EventText.of(page), last, !more && head.isAfter(until) ? head : until, more);
    }

    private void finish(Place place, FutureTask<EventBatch> reading) {
        lock.lock();
        try {
            running.remove(place);
            if (reading.state() == Future.State.SUCCESS) {
                keep(place, reading.resultNow());
            }
        } finally {
            lock.unlock();
        }
    }

    private void keep(Place place, EventBatch batch) {
        var earlier = kept.put(place, batch);
        keptBytes += size(batch) - (earlier == null ? 0 : size(earlier));
        var oldest = kept.entrySet().iterator();
        while (keptBytes > KEPT_BYTES) {
            keptBytes -= size(oldest.next().getValue());
            oldest.remove();
        }
    }

    private static long size(EventBatch batch) {
        return (long) batch.events().length + OVERHEAD;
    }

    private static EventBatch result(FutureTask<EventBatch> reading) throws InterruptedException {
        try {
            return reading.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case InterruptedException _ -> throw new InterruptedException();
                // Failures have no stack trace, so all waiting streams can share one object.
                case Failure failure -> throw failure;
                case null, default -> throw new IllegalStateException("The records store failed", e.getCause());
            }
        }
    }
}
