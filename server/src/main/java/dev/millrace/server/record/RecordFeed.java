package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Errors;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Feed;
import dev.millrace.server.http.Json;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One stream: reads on from its position as a client of GET /records does, page by page; a change of the dataset only tells
 * it to look again. It holds no database connection while it writes or waits.
 */
final class RecordFeed implements Feed {
    private static final byte[] OPEN = ": open\n\n".getBytes(UTF_8);

    private final RecordStreams streams;
    private final Dataset dataset;
    private final Standing standing;
    private final Semaphore bell = new Semaphore(0);
    private final Watch watch;
    private final long heartbeat;
    private final long recheck;
    private volatile boolean ended;

    private RecordQuery query;
    private Watch.Seen seen;
    private Events first = Events.NONE;
    // Where the stream has moved, nothing on the way being for the client, who does not know of it yet.
    private Optional<Position> untold = Optional.empty();
    private long beatAt;
    private long checkAt;

    RecordFeed(RecordStreams streams, Dataset dataset, RecordQuery query, Standing standing) {
        this.streams = streams;
        this.dataset = dataset;
        this.query = query;
        this.standing = standing;
        this.heartbeat = streams.settings().heartbeat().toNanos();
        this.recheck = streams.settings().recheck().toNanos();
        this.watch = streams.watches().join(dataset, bell);
        this.seen = watch.seen();
    }

    /** Reads the first page, so that what is wrong can be answered instead of a stream. */
    void prepare(boolean latest) throws InterruptedException {
        if (latest) {
            moveTo(streams.head(dataset).position());
        }
        first = streams.pages().read(dataset, query, seen.tick());
    }

    @Override
    public void run(Sink out) throws IOException, InterruptedException {
        out.write(OPEN);
        checkAt = System.nanoTime() + recheck;
        beatAt = System.nanoTime() + (untold.isPresent() ? 0 : heartbeat);
        try {
            boolean more = take(first, out);
            first = Events.NONE;
            while (!ended && mayGoOn(out)) {
                if (!more) {
                    rest(out);
                }
                if (more || isNews()) {
                    more = take(next(), out);
                }
            }
        } catch (Failure failure) {
            out.write(farewell(failure));
        }
    }

    private boolean isNews() {
        return watch.seen().tick() != seen.tick();
    }

    private Events next() throws InterruptedException {
        // Asked before reading: what changes meanwhile makes it look again.
        seen = watch.seen();
        return streams.pages().read(dataset, query, seen.tick());
    }

    /** Hands a page to the client; whether there is more to read. */
    private boolean take(Events page, Sink out) throws IOException {
        if (page.count() > 0) {
            out.write(page.text());
            query = query.from(page.last());
            untold = Optional.empty();
            beatAt = System.nanoTime() + heartbeat;
        }
        // What the client has not asked for need not be looked through again with every change.
        if (!page.more() && seen.head().newest() > query.from().mod()) {
            moveTo(seen.head().position());
        }
        return page.more();
    }

    private void moveTo(Position position) {
        query = query.from(position);
        untold = Optional.of(position);
    }

    /** Waits for a change, or until it is time to look whether the stream may go on. */
    private void rest(Sink out) throws IOException, InterruptedException {
        while (!ended && !isNews() && System.nanoTime() - checkAt < 0) {
            if (System.nanoTime() - beatAt >= 0) {
                beat(out);
            }
            long now = System.nanoTime();
            bell.tryAcquire(Math.min(beatAt - now, checkAt - now), TimeUnit.NANOSECONDS);
            bell.drainPermits();
        }
    }

    /** Shows that the stream lives, and finds out whether the client does. */
    private void beat(Sink out) throws IOException {
        // An id without data is remembered by clients, and is no event.
        var id = untold.map(position -> "id: " + position.cursor() + "\n").orElse("");
        out.write((": heartbeat\n" + id + "\n").getBytes(UTF_8));
        untold = Optional.empty();
        beatAt = System.nanoTime() + heartbeat;
    }

    private boolean mayGoOn(Sink out) throws IOException, InterruptedException {
        if (System.nanoTime() - checkAt < 0) {
            return true;
        }
        checkAt = System.nanoTime() + recheck;
        var refusal = streams.taking(standing::refusal);
        if (refusal.isPresent()) {
            out.write(farewell(refusal.get()));
        }
        return refusal.isEmpty();
    }

    private static byte[] farewell(Failure failure) {
        return ("event: end\ndata: " + Json.text(Errors.body(failure)) + "\n\n").getBytes(UTF_8);
    }

    @Override
    public void end() {
        ended = true;
        bell.release();
    }

    @Override
    public void close() {
        streams.watches().leave(watch, bell);
        streams.closed();
    }
}
