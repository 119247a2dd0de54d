package dev.millrace.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * The decompressed body of one request, within the limits of size and memory. Errors are a {@link Failure} or a {@link
 * BrokenRequest}. Not thread-safe.
 */
final class Body extends InputStream {
    /** Bodies up to this size are not counted against the memory budget. */
    static final int SMALL = 256 * 1024;
    /** The tree of a JSON text takes several times the size of the text. */
    private static final int WEIGHT = 8;

    private static final int TURN = 64 * 1024;

    private final HttpConfig config;
    private final MemoryBudget budget;
    private final RawBody raw;
    private final InputStream plain;
    private final long declared;
    private final boolean encoded;
    private final boolean kept;
    private long count;
    private long reserved;
    private long turn = TURN;

    /** @param kept whether the body is kept in memory, which counts against the budget */
    Body(HttpConfig config, MemoryBudget budget, RawBody raw, long declared, String encoding, boolean kept) {
        this.kept = kept;
        this.config = config;
        this.budget = budget;
        this.raw = raw;
        this.declared = declared;
        this.encoded = !encoding.isEmpty() && !encoding.equalsIgnoreCase("identity");
        if (declared > config.bodyLimit()) {
            throw tooLarge(config.bodyLimit());
        }
        plain = inflated(encoding);
        // Last, because a request that gets no body cannot release what was reserved for it.
        if (kept && declared > SMALL) {
            reserve(declared);
        }
    }

    private InputStream inflated(String encoding) {
        try {
            return switch (encoding.toLowerCase(Locale.ROOT)) {
                case "", "identity" -> raw;
                case "gzip", "x-gzip" -> new GZIPInputStream(raw);
                case "deflate" -> deflated();
                default ->
                    throw Failure.plain(
                            415,
                            "unsupported_content_encoding",
                            "A body may be encoded by gzip or deflate, not by " + encoding + ".");
            };
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    /** Some clients send the zlib format, as the standard requires, others raw deflate data. */
    private InputStream deflated() throws IOException {
        var head = new PushbackInputStream(raw, 1);
        int first = head.read();
        if (first < 0) {
            return head;
        }
        head.unread(first);
        return new InflaterInputStream(head, new Inflater((first & 0x0f) != 8));
    }

    private static Failure malformed(IOException e) {
        return Failure.refusedBody("The body does not match its Content-Encoding: " + e.getMessage());
    }

    /** The number of bytes read. */
    long count() {
        return count;
    }

    /** Whether the body is known to be small. */
    boolean small() {
        return !encoded && declared >= 0 && declared <= SMALL;
    }

    @Override
    public int read() {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        int read;
        try {
            read = plain.read(bytes, offset, length);
        } catch (ZipException e) {
            throw malformed(e);
        } catch (IOException e) {
            throw encoded ? malformed(e) : new UncheckedIOException(e);
        }
        if (read > 0) {
            counted(read);
        }
        return read;
    }

    private void counted(int read) {
        count += read;
        if (count > config.bodyLimit()) {
            throw tooLarge(config.bodyLimit());
        }
        if (kept && count > SMALL && count * WEIGHT > reserved) {
            reserve(count);
        }
        if (count > turn) {
            turn = count + TURN;
            letOthersWork();
        }
    }

    /** Parsing does not block. Without this, other virtual threads would wait until it ends. */
    @SuppressWarnings("ThreadPriorityCheck")
    private static void letOthersWork() {
        Thread.yield();
    }

    private void reserve(long bytes) {
        long wanted = Math.max(bytes * WEIGHT, 2 * reserved) - reserved;
        if (reserved == 0 ? !take(wanted) : !budget.takeMore(wanted, reserved)) {
            throw Failure.overloaded("There is not enough memory for a body of this size at the moment.");
        }
        reserved += wanted;
    }

    private boolean take(long bytes) {
        try {
            return budget.take(bytes, config.limits().memoryWait());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Releases the reserved memory. */
    void release() {
        if (reserved > 0) {
            budget.giveBack(reserved);
            reserved = 0;
        }
    }

    @Override
    public void close() {
        if (plain != raw) {
            try {
                plain.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static Failure tooLarge(long limit) {
        return Failure.plain(413, "request_too_large", "The body is larger than the limit of " + limit + " bytes.");
    }
}
