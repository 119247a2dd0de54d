package dev.millrace.server.http;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/** Compresses responses at the cheapest level. Thread-safe. */
final class Gzip {
    private static final byte[] HEAD = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 0xff};
    private static final int TAIL = 8;
    /** Each takes 256 KB outside the heap. */
    private static final ArrayBlockingQueue<Deflater> SPARE = new ArrayBlockingQueue<>(4);

    private Gzip() {}

    /** Whether the Accept-Encoding header allows gzip. */
    static boolean wanted(@Nullable String accepted) {
        if (accepted == null) {
            return false;
        }
        for (var item : accepted.toLowerCase(Locale.ROOT).split(",", -1)) {
            var parts = item.split(";", -1);
            var name = parts[0].strip();
            if (name.equals("gzip") || name.equals("x-gzip")) {
                return parts.length == 1 || !parts[1].strip().matches("q=0(\\.0*)?");
            }
        }
        return false;
    }

    /** The compressed bytes: from the start of the buffer's array to its limit. */
    static ByteBuffer packed(byte[] body, int length) {
        var spare = SPARE.poll();
        var deflater = spare == null ? new Deflater(Deflater.BEST_SPEED, true) : spare;
        deflater.setInput(body, 0, length);
        deflater.finish();
        var out = ByteBuffer.allocate(length / 3 + 64).put(HEAD);
        while (!deflater.finished()) {
            if (out.remaining() <= TAIL) {
                out = ByteBuffer.allocate(2 * out.capacity()).put(out.flip());
            }
            out.limit(out.capacity() - TAIL);
            deflater.deflate(out);
            out.limit(out.capacity());
        }
        deflater.reset();
        if (!SPARE.offer(deflater)) {
            deflater.end();
        }
        var check = new CRC32();
        check.update(body, 0, length);
        return out.order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) check.getValue())
                .putInt(length)
                .flip();
    }
}
