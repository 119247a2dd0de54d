package dev.millrace.server.log;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A line that is waiting to be written.
 *
 * @param meta JSON text of an object
 */
record Entry(
        long environment,
        UUID operation,
        Instant at,
        Level level,
        String message,
        @Nullable String meta) {
    /** Approximate memory of a line without its two texts. */
    private static final int FRAME = 100;

    int size() {
        return FRAME + message.length() + (meta == null ? 0 : meta.length());
    }
}
