package dev.millrace.server.outbound;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.hc.core5.util.TimeValue;

/**
 * The body of a response. Reading it to the end returns the connection to the pool; closing it earlier closes the
 * connection.
 */
final class AnswerBody extends InputStream {
    /** Up to this many bytes are read to keep a connection, which is cheaper than opening another one. */
    private static final int LITTLE = 16 * 1024;

    private final InputStream source;
    private final Exchange exchange;
    private final Url url;
    private final Optional<TimeValue> rest;
    private long remaining;
    private boolean ended;

    /**
     * @param length −1 when it is unknown
     * @param rest how long the connection may be kept afterwards; empty: close it
     */
    AnswerBody(InputStream source, long length, Exchange exchange, Url url, Optional<TimeValue> rest) {
        this.source = source;
        this.remaining = length;
        this.exchange = exchange;
        this.url = url;
        this.rest = rest;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        int count = read(one, 0, 1);
        return count < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (ended) {
            return -1;
        }
        try {
            int count = source.read(into, from, length);
            remaining -= Math.max(count, 0);
            if (count < 0 || remaining == 0) {
                ended = true;
                rest.ifPresentOrElse(exchange::done, exchange::cancel);
            }
            return count;
        } catch (IOException e) {
            ended = true;
            exchange.cancel();
            throw new BodyFailure(exchange.failure(e, url));
        }
    }

    @Override
    public int available() throws IOException {
        return ended ? 0 : source.available();
    }

    @Override
    public void close() {
        if (!ended && !drained()) {
            ended = true;
            exchange.cancel();
        }
    }

    /** Reads what has arrived already; usually that is the rest. */
    private boolean drained() {
        try {
            var rubbish = new byte[LITTLE];
            int read = 0;
            while (!ended && read < LITTLE && source.available() > 0) {
                read += Math.max(0, read(rubbish, 0, rubbish.length));
            }
            return ended;
        } catch (IOException e) {
            return ended;
        }
    }
}
