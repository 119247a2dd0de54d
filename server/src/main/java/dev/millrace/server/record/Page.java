package dev.millrace.server.record;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A page of records.
 *
 * @param buffer begins with {@code {"records":[…],"next_cursor":…}}; the rest has no meaning
 * @param length the number of valid bytes
 * @param end position after the array of records
 * @param items positions of the records in the buffer
 * @param nextCursor cursor of the next page, if there is one
 */
public record Page(byte[] buffer, int length, int end, List<Item> items, Optional<String> nextCursor) {
    static final String OPENING = "{\"records\":";

    /**
     * One record of the page.
     *
     * @param start its first byte
     * @param end after its last
     */
    public record Item(int start, int end, Position position, byte[] cursor) {}

    public int count() {
        return items.size();
    }

    /** The whole page as JSON: a copy. */
    public byte[] json() {
        return Arrays.copyOf(buffer, length);
    }

    /** The JSON array of records only: a copy. */
    public byte[] records() {
        return Arrays.copyOfRange(buffer, OPENING.length(), end);
    }
}
