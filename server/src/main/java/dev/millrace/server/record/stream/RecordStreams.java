package dev.millrace.server.record.stream;

import dev.millrace.server.http.Failure;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.RecordQuery;
import dev.millrace.server.record.Records;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * The open streams of changes. They learn of commits of this process at once, and of other processes' commits and of
 * deleted connections by polling the database while streams are open. Thread-safe.
 */
public final class RecordStreams implements AutoCloseable {
    private final SharedReads batches;
    private final Records records;
    private final StreamConfig config;
    private final Semaphore places;
    private final ConcurrentHashMap<Dataset, Channel> channels = new ConcurrentHashMap<>();
    private final Set<OpenStream> open = ConcurrentHashMap.newKeySet();
    private final StreamWatch watch;
    private volatile boolean closed;

    public RecordStreams(Records records, LiveConnections connections, StreamConfig config) {
        this.batches = new SharedReads(records);
        this.records = records;
        this.config = config;
        this.places = new Semaphore(config.most());
        this.watch = new StreamWatch(this, records, connections, config);
        records.onCommit(this::committed);
    }

    private void committed(Dataset dataset, long now) {
        var channel = channels.get(dataset);
        if (channel != null) {
            channel.committed(now);
        }
    }

    /** Opens a stream and reads its first page. The caller runs it. */
    OpenStream open(Dataset dataset, RecordQuery query) throws InterruptedException {
        if (!places.tryAcquire()) {
            throw Failure.plain(
                    503,
                    "too_many_streams",
                    "This server has " + config.most() + " streams open and opens no more. Read GET /records instead,"
                            + " or try again later.");
        }
        var stream = new OpenStream(this, join(dataset), query, config);
        open.add(stream);
        boolean begun = false;
        try {
            if (closed) {
                throw Failure.plain(503, "server_error", "The server is shutting down.");
            }
            watch.start();
            stream.begin();
            begun = true;
            return stream;
        } finally {
            if (!begun) {
                ended(stream);
            }
        }
    }

    private Channel join(Dataset dataset) {
        return channels.compute(dataset, (key, known) -> {
            var channel = known == null ? new Channel(key) : known;
            channel.join(1);
            return channel;
        });
    }

    void ended(OpenStream stream) {
        if (open.remove(stream)) {
            places.release();
            channels.computeIfPresent(
                    stream.channel().dataset(), (_, channel) -> channel.join(-1) == 0 ? null : channel);
        }
    }

    EventBatch read(Dataset dataset, RecordQuery query, Channel.State known) throws InterruptedException {
        return batches.read(dataset, query, known);
    }

    /** The channels in use now. */
    List<Channel> channels() {
        return List.copyOf(channels.values());
    }

    /** The streams open now. */
    Set<OpenStream> open() {
        return open;
    }

    /** Ends all streams at once and opens no more. */
    @Override
    public void close() {
        closed = true;
        open.forEach(OpenStream::cut);
        watch.close();
        records.onCommit((_, _) -> {});
    }
}
