package dev.millrace.server.record.stream;

import static java.util.Objects.requireNonNull;

import dev.millrace.server.http.Errors;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Response;
import dev.millrace.server.record.Position;
import dev.millrace.server.record.RecordQuery;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's stream of changes. It always reads from its own position, so it misses nothing. It ends when the client
 * disconnects, when it is told to, or on an error; the client reconnects with the last event's id. One thread runs it;
 * {@link #end} and {@link #check} are thread-safe.
 */
final class OpenStream implements Response.Body {
    private static final Logger LOG = LoggerFactory.getLogger(OpenStream.class);

    /** The minimum time between two reads, so that streams do not read after each commit of a busy writer. */
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

    private final RecordStreams streams;
    private final Channel channel;
    private final RecordQuery query;
    private final long heartbeat;

    /** The client's position: the last record sent, or the beginning. */
    private Optional<Position> sent;

    /** Where to continue reading; later than the client's position if the filter has skipped changes. */
    private Optional<Position> from;

    /** Read but not sent yet. */
    private @Nullable EventBatch batch;

    private Channel.State known = new Channel.State(0, 0);
    private long looked;
    private volatile boolean ending;
    private volatile @Nullable StreamWriter writer;

    OpenStream(RecordStreams streams, Channel channel, RecordQuery query, StreamConfig config) {
        this.streams = streams;
        this.channel = channel;
        this.query = query;
        this.heartbeat = config.heartbeat().toNanos();
        this.sent = query.after();
        this.from = query.after();
    }

    Channel channel() {
        return channel;
    }

    boolean ending() {
        return ending;
    }

    /** Reads the first page before the response begins, so that errors get their status. */
    void begin() throws InterruptedException {
        look(channel.state());
    }

    /** Reads from the current position. */
    private void look(Channel.State state) throws InterruptedException {
        if (state.lives() != known.lives()) {
            from = sent;
        }
        known = state;
        looked = System.nanoTime();
        batch = streams.read(channel.dataset(), here(), state);
    }

    /** The position to continue from, with the epoch that the client knows. */
    private RecordQuery here() {
        var place = from.map(p -> new Position(
                p.modified(), p.sequence(), sent.map(Position::epoch).orElse(0L)));
        boolean strict = query.strict() && sent.isPresent();
        return new RecordQuery(place, query.limit(), query.actions(), query.modifiedSince(), query.ids(), strict);
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        var to = new StreamWriter(out);
        writer = to;
        try {
            // The stream was told to end before it had a writer.
            if (!ending) {
                to.write(EventText.OPENING);
                run(to);
            }
        } catch (Failure failure) {
            to.write(EventText.error(Json.bytes(Errors.body(failure))));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (Unreadable e) {
            LOG.warn("a stream of records ends: {}", e.getMessage());
        } finally {
            streams.ended(this);
        }
    }

    private void run(StreamWriter to) throws IOException, InterruptedException {
        while (!ending) {
            if (!send(to)) {
                rest(to);
            }
            if (!ending) {
                lookOn();
            }
        }
    }

    /** Sends the events that were read and releases them; returns whether there is more. */
    private boolean send(StreamWriter to) throws IOException {
        var read = requireNonNull(batch);
        batch = null;
        to.write(read.events());
        sent = read.last().or(() -> sent);
        from = Optional.of(read.until());
        return read.more();
    }

    private void lookOn() throws InterruptedException {
        try {
            look(channel.state());
        } catch (IllegalStateException e) {
            throw new Unreadable(e);
        }
    }

    /** Waits for changes and sends heartbeats. */
    private void rest(StreamWriter to) throws IOException, InterruptedException {
        long due = System.nanoTime() + heartbeat;
        while (!ending && !isNews(channel.state())) {
            channel.await(known, this, due - System.nanoTime());
            if (!ending && due - System.nanoTime() <= 0) {
                to.write(EventText.HEARTBEAT);
                due = System.nanoTime() + heartbeat;
            }
        }
        long pause = looked + PAUSE - System.nanoTime();
        if (!ending && pause > 0) {
            TimeUnit.NANOSECONDS.sleep(pause);
        }
    }

    private boolean isNews(Channel.State state) {
        return state.lives() != known.lives()
                || Position.before(state.head() + 1).isAfter(from.orElse(Position.START));
    }

    /** Ends the stream soon. */
    void end() {
        ending = true;
        channel.wake();
    }

    /** Ends the stream at once, even during a write. */
    void cut() {
        end();
        var now = writer;
        if (now != null) {
            now.cut();
        }
    }

    /** Disconnects a client that has accepted no data for this many nanoseconds. */
    void check(long stallLimit) {
        var now = writer;
        if (now != null && now.cutIfStuck(stallLimit)) {
            ending = true;
            LOG.info("a reader of a stream of records was cut off: it read too slowly");
        }
    }

    /** The database could not be read. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unreadable(IllegalStateException cause) {
            super(cause.getMessage(), cause);
        }
    }
}
