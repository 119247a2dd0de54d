package dev.millrace.server.record;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Some records.
 *
 * @param buffer begins with {@code {"records":[…],"next_cursor":…}}; what follows has no meaning
 * @param length how many of its bytes that is
 * @param end after the array of records
 * @param items where in the buffer each of them is
 * @param nextCursor where to read on, if there are more
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

    /** All of it as JSON: a copy. */
    public byte[] json() {
        return Arrays.copyOf(buffer, length);
    }

    /** The JSON array of the records alone: a copy. */
    public byte[] records() {
        return Arrays.copyOfRange(buffer, OPENING.length(), end);
    }
}
