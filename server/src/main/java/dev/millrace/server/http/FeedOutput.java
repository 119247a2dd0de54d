package dev.millrace.server.http;

import io.helidon.webserver.ServerConnectionException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Writes a long-lived answer piece by piece. Writing blocks as long as the client takes nothing; somebody else looks now
 * and then and interrupts it, which closes the connection.
 */
final class FeedOutput implements Feed.Sink {
    private static final int PIECE = 64 * 1024;

    /** One piece on its way. */
    private record Writing(long since) {}

    private final Feed feed;
    private final OutputStream out;
    private final long patience;
    private final Thread thread = Thread.currentThread();
    private final AtomicReference<@Nullable Writing> writing = new AtomicReference<>();

    /** @param patience how long the client may take for one piece of 64 KiB */
    FeedOutput(Feed feed, OutputStream out, Duration patience) {
        this.feed = feed;
        this.out = out;
        this.patience = patience.toNanos();
    }

    Feed feed() {
        return feed;
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        for (int start = 0; start < bytes.length; start += PIECE) {
            piece(bytes, start, Math.min(PIECE, bytes.length - start));
        }
    }

    private void piece(byte[] bytes, int start, int length) throws IOException {
        var mine = new Writing(System.nanoTime());
        writing.set(mine);
        try {
            out.write(bytes, start, length);
            out.flush();
        } catch (ServerConnectionException e) {
            throw new IOException("the client is gone", e);
        }
        if (!writing.compareAndSet(mine, null)) {
            throw new IOException("the client took nothing for too long");
        }
    }

    /** To be called by another thread, now and then. */
    void cutIfStuck() {
        var stuck = writing.get();
        // Only while it still writes: an interrupt must not hit what comes after.
        if (stuck != null && System.nanoTime() - stuck.since > patience && writing.compareAndSet(stuck, null)) {
            thread.interrupt();
        }
    }
}
