package dev.millrace.server.record;

import java.util.Optional;

/**
 * Some records.
 *
 * @param records a JSON array of them
 * @param nextCursor where to read on, if there are more
 */
public record Page(byte[] records, int count, Optional<String> nextCursor) {
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

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
