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
 * Reads for streams. Streams that ask for the same at the same place share one read, its decryption and its encoding;
 * the newest batches are kept for those that come a little later. Thread-safe.
 */
final class SharedReads {
    /** Streams read no larger pages: each open one may hold a page of its own. */
    private static final int PAGE_BYTES = 1024 * 1024;

    private static final long KEPT_BYTES = 32L * 1024 * 1024;
    private static final int OVERHEAD = 512;

    /** Others need the database's connections too. */
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

    /** @param lives of the channel: what was read of contents that are gone is not sent to who knows that */
    private record Place(Dataset dataset, RecordQuery query, long lives) {}

    /**
     * Reads on.
     *
     * @param known what was known of the dataset before: it is in the batch, or earlier
     * @throws Failure as {@link Records#list} does
     */
    EventBatch read(Dataset dataset, RecordQuery query, Channel.State known) throws InterruptedException {
        var place = new Place(dataset, query, known.lives());
        FutureTask<EventBatch> reading;
        boolean mine = false;
        lock.lock();
        try {
            var done = kept.get(place);
            // One that was read before what is known now may lack it; it still has all up to its own end.
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
        // What was committed when the reading began has been read, whether it was chosen or not.
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
                // Failures carry no stack trace: one object serves all that wait.
                case Failure failure -> throw failure;
                case null, default -> throw new IllegalStateException("The records store failed", e.getCause());
            }
        }
    }
}
