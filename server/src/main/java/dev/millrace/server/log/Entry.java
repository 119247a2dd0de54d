package dev.millrace.server.log;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One line on its way into the database.
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
    /** What everything around the two texts takes, roughly. */
    private static final int FRAME = 100;

    int size() {
        return FRAME + message.length() + (meta == null ? 0 : meta.length());
    }
}
