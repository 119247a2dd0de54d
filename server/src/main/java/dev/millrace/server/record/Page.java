package dev.millrace.server.record;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Some records.
 *
 * @param json begins with {@code {"records":[…],"next_cursor":…}}; not copied, for pages are large
 * @param length how many bytes of it count
 * @param end after the array of records
 * @param items where in the JSON each of them is
 * @param nextCursor where to read on, if there are more
 */
public record Page(byte[] json, int length, int end, List<Item> items, Optional<String> nextCursor) {
    static final String OPENING = "{\"records\":";

    /**
     * One record of the page.
     *
     * @param start its first byte
     * @param end after its last
     */
    public record Item(int start, int end, Position position, String cursor) {}

    public int count() {
        return items.size();
    }

    /** The JSON array of the records alone. */
    public byte[] records() {
        return Arrays.copyOfRange(json, OPENING.length(), end);
    }
}
