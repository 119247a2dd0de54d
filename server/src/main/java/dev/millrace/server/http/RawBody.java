package dev.millrace.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Blocker;
import org.jspecify.annotations.Nullable;

/** The bytes of a body as they arrive, with a minimum rate. Not thread-safe. */
final class RawBody extends InputStream {
    private final Request request;
    private final HttpLimits limits;
    private final long begun = System.nanoTime();
    private Content.@Nullable Chunk chunk;
    private long count;
    private boolean waited;
    private boolean ended;

    RawBody(Request request, HttpLimits limits) {
        this.request = request;
        this.limits = limits;
    }

    /** Whether the whole body has been read. */
    boolean ended() {
        return ended;
    }

    @Override
    public int read() {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        var filled = ended ? null : filled();
        if (filled == null) {
            return -1;
        }
        int read = filled.get(bytes, offset, length);
        count += read;
        return read;
    }

    /** A chunk that is not empty; null at the end. */
    private Content.@Nullable Chunk filled() {
        while (true) {
            var current = chunk;
            if (current == null) {
                current = next();
                chunk = current;
            }
            if (current.hasRemaining()) {
                return current;
            }
            chunk = null;
            current.release();
            if (current.isLast()) {
                end();
                return null;
            }
        }
    }

    private void end() {
        ended = true;
        if (waited) {
            endPoint().setIdleTimeout(limits.idle().toMillis());
        }
    }

    private Content.Chunk next() {
        for (var next = request.read(); ; next = request.read()) {
            if (next == null) {
                await();
            } else if (Content.Chunk.isFailure(next)) {
                throw broken(next.getFailure());
            } else {
                return next;
            }
        }
    }

    private void await() {
        if (!waited) {
            waited = true;
            endPoint().setIdleTimeout(limits.stall().toMillis());
        }
        long nanos = System.nanoTime() - begun;
        if (nanos > limits.stall().toNanos() && count < nanos / 1e9 * limits.bodyRate()) {
            throw tooSlow(new TimeoutException(count + " bytes in " + nanos / 1_000_000 + " ms"));
        }
        try (var more = Blocker.runnable()) {
            request.demand(more);
            more.block();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private EndPoint endPoint() {
        return request.getConnectionMetaData().getConnection().getEndPoint();
    }

    private static BrokenRequest broken(Throwable cause) {
        if (cause instanceof TimeoutException) {
            return tooSlow(cause);
        }
        var told = HttpException.asHttpException(cause);
        var reason = told == null ? null : told.getReason();
        return new BrokenRequest(
                told == null ? 400 : told.getCode(),
                reason == null ? "The body of the request was cut off." : reason,
                cause);
    }

    private static BrokenRequest tooSlow(Throwable cause) {
        return new BrokenRequest(408, "The body of the request did not arrive in time.", cause);
    }

    /** Reads and discards the rest, so that a client that is still sending can receive the response. */
    void drain(long most, long nanos) {
        long since = System.nanoTime();
        var scratch = new byte[8 * 1024];
        long left = most;
        while (left > 0 && System.nanoTime() - since < nanos) {
            int read = read(scratch, 0, scratch.length);
            if (read < 0) {
                return;
            }
            left -= read;
        }
    }

    /** Releases the buffer of bytes that were not read. */
    void release() {
        var current = chunk;
        if (current != null) {
            chunk = null;
            current.release();
        }
    }

    @Override
    public void close() {
        // The rest is drained after the response is sent.
    }
}
