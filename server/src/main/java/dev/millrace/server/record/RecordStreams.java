package dev.millrace.server.record;

import dev.millrace.server.http.Failure;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** All open streams of records of this process, and what they share. Thread-safe. */
public final class RecordStreams implements AutoCloseable {
    // Of the pool's connections; the others are for those who write and ask.
    private static final int TURNS = 4;

    private final Records records;
    private final StreamSettings settings;
    private final Watches watches;
    private final Semaphore turns = new Semaphore(TURNS, true);
    private final SharedPages pages;
    private final Semaphore slots;

    public RecordStreams(Records records, StreamSettings settings) {
        this.records = records;
        this.settings = settings;
        this.watches = new Watches(records.heads(), settings.lookAround());
        this.pages = new SharedPages(records.pages(), turns);
        this.slots = new Semaphore(settings.most());
        records.onCommit(watches::changed);
    }

    StreamSettings settings() {
        return settings;
    }

    Watches watches() {
        return watches;
    }

    SharedPages pages() {
        return pages;
    }

    /** How many more can be opened. */
    int free() {
        return slots.availablePermits();
    }

    /**
     * Opens a stream, its first page read.
     *
     * @param query what to stream; its limit is the size of a page
     * @param latest whether to begin behind everything there is
     */
    RecordFeed open(Dataset dataset, RecordQuery query, boolean latest, Standing standing)
            throws InterruptedException {
        if (!slots.tryAcquire()) {
            throw Failure.plain(
                    503,
                    "too_many_streams",
                    "This server has " + settings.most() + " record streams open and opens no more. Close some, or"
                            + " read GET /records instead.");
        }
        var feed = new RecordFeed(this, dataset, query, standing);
        try {
            feed.prepare(latest);
            return feed;
        } catch (RuntimeException | InterruptedException e) {
            feed.close();
            throw e;
        }
    }

    void closed() {
        slots.release();
    }

    /** Where the changes of a dataset end now. */
    Head head(Dataset dataset) throws InterruptedException {
        return taking(() -> records.heads().of(dataset));
    }

    /** Work on the database, when it is its turn among all that streams do there. */
    <T> T taking(Supplier<T> work) throws InterruptedException {
        turns.acquire();
        try {
            return work.get();
        } finally {
            turns.release();
        }
    }

    /** Stops looking for changes; the streams themselves end with the server's answers. */
    @Override
    public void close() {
        watches.close();
    }
}
