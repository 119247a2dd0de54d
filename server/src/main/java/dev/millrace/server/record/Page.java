package dev.millrace.server.record;

import java.util.List;
import java.util.Optional;

/**
 * Some records.
 *
 * @param records a JSON array of them
 * @param items where in it each of them is
 * @param nextCursor where to read on, if there are more
 */
public record Page(byte[] records, List<Item> items, Optional<String> nextCursor) {
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

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

    /** {@code {"records":[…],"next_cursor":…}}. */
    public byte[] json() {
        var json = new Bytes(records.length + 256)
                .latin("{\"records\":")
                .put(records)
                .latin(",\"next_cursor\":");
        nextCursor.ifPresentOrElse(cursor -> json.put('"').latin(cursor).put('"'), () -> json.put(NULL));
        return json.put('}').toArray();
    }
}
