package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.time.DateTimeException;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/**
 * A place in the stream of changes of one dataset, which clients hold as a cursor: base64 of {@code <time>||<uuid>}. The
 * uuid is ours (version 8) and carries the record's order and the epoch.
 *
 * @param modified microseconds since 1970 of the change
 * @param sequence the record's order among those changed at the same moment
 * @param epoch which life of the dataset's contents it is a place in, below 2^32; 0 when that is not known
 */
public record Position(long modified, long sequence, long epoch) {
    private static final long MARK = 0x6d72_0000_0000_8ce0L;
    private static final int EPOCH_SHIFT = 16;
    private static final long EPOCH = 0xffff_ffffL << EPOCH_SHIFT;
    private static final long VARIANT = 0x8000_0000_0000_0000L;
    private static final long SEQUENCE = 0xffff_ffff_ffffL;
    private static final String SEPARATOR = "||";

    /** Before the first change. */
    public static final Position START = new Position(0, 0, 0);

    /** After the last change. */
    static final Position END = new Position(Long.MAX_VALUE, SEQUENCE, 0);

    /** After the last change before this time. */
    public static Position before(long modified) {
        return new Position(modified - 1, SEQUENCE, 0);
    }

    public boolean isAfter(Position other) {
        return modified > other.modified || (modified == other.modified && sequence > other.sequence);
    }

    /** The text of the cursor. */
    public String cursor() {
        return new String(cursor(Times.text(modified)), ISO_8859_1);
    }

    /** The text of the cursor, for callers that have that of its time already. */
    byte[] cursor(String time) {
        var text = time + SEPARATOR + new UUID(MARK | epoch << EPOCH_SHIFT, VARIANT | sequence);
        return Base64.getEncoder().encode(text.getBytes(ISO_8859_1));
    }

    /**
     * Parses a cursor; empty if it is invalid. A cursor with a foreign uuid counts as the position before all changes
     * of its time, so that the reader gets some changes again instead of missing any.
     */
    public static Optional<Position> parse(String cursor) {
        try {
            // A "+" that was not escaped arrives as a space.
            var text = new String(Base64.getDecoder().decode(cursor.replace(' ', '+')), ISO_8859_1);
            int end = text.indexOf(SEPARATOR);
            if (end < 0) {
                return Optional.empty();
            }
            var uuid = text.substring(end + SEPARATOR.length());
            var row = UUID.fromString(uuid);
            return row.toString().equalsIgnoreCase(uuid)
                    ? Optional.of(at(Times.micros(text.substring(0, end)), row))
                    : Optional.empty();
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Position at(long modified, UUID row) {
        long most = row.getMostSignificantBits();
        long least = row.getLeastSignificantBits();
        boolean ours = (most & ~EPOCH) == MARK && (least & ~SEQUENCE) == VARIANT;
        return ours
                ? new Position(modified, least & SEQUENCE, (most & EPOCH) >>> EPOCH_SHIFT)
                : new Position(modified, 0, 0);
    }
}
