package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The changed records of a batch, written by one statement. With new contents they are neither deleted nor pruned. */
final class Updates {
    // ANY makes it lookups by key, whatever the planner assumed about the table's size when it made its plan.
    private static final String UPDATE = """
            UPDATE record r
               SET mod = t.mod, first = t.first, deleted = NULL, pruned = NULL,
                   hash = t.hash, raw = t.raw, size = t.size, data = t.data
              FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::bytea[], ?::bytea[], ?::int[], ?::bytea[])
                   AS t (ext, mod, first, hash, raw, size, data)
             WHERE r.ds = ? AND r.ext = t.ext AND r.ext = ANY (?::text[])
            """;

    /** Stands for the time of the transaction, which is known only under the lock. */
    static final long NOW = -1;

    private record Update(Payload payload, byte[] raw, long mod, long first, byte[] sealed) {}

    private final List<Update> all = new ArrayList<>();

    void add(Payload payload, byte[] raw, long mod, long first, byte[] sealed) {
        all.add(new Update(payload, raw, mod, first, sealed));
    }

    int count() {
        return all.size();
    }

    void write(Connection connection, Locked dataset) throws SQLException {
        if (all.isEmpty()) {
            return;
        }
        var ids = all.stream().map(u -> u.payload.id()).toArray(String[]::new);
        var mods = all.stream().mapToLong(u -> time(u.mod, dataset)).toArray();
        var firsts = all.stream().mapToLong(u -> time(u.first, dataset)).toArray();
        var hashes = all.stream().map(u -> u.payload.hash()).toArray(byte[][]::new);
        var raws = all.stream().map(Update::raw).toArray(byte[][]::new);
        var sizes = all.stream().mapToInt(u -> u.payload.json().length).toArray();
        var data = all.stream().map(Update::sealed).toArray(byte[][]::new);
        try (var statement = connection.prepareStatement(UPDATE)) {
            statement.setArray(1, connection.createArrayOf("text", ids));
            statement.setObject(2, mods);
            statement.setObject(3, firsts);
            statement.setArray(4, connection.createArrayOf("bytea", hashes));
            statement.setArray(5, connection.createArrayOf("bytea", raws));
            statement.setObject(6, sizes);
            statement.setArray(7, connection.createArrayOf("bytea", data));
            statement.setLong(8, dataset.ds());
            statement.setArray(9, connection.createArrayOf("text", ids));
            statement.executeUpdate();
        }
    }

    private static long time(long time, Locked dataset) {
        return time == NOW ? dataset.now() : time;
    }
}
