package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Changed records of one slice, written by one statement: with new contents they are neither deleted nor pruned. */
final class Updates {
    // ANY makes it lookups by key whatever the planner thought of the table's size when it made its plan.
    private static final String UPDATE = """
            UPDATE record r
               SET mod = t.mod, first = t.first, deleted = NULL, pruned = NULL,
                   hash = t.hash, size = t.size, data = t.data
              FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::bytea[], ?::int[], ?::bytea[])
                   AS t (ext, mod, first, hash, size, data)
             WHERE r.ds = ? AND r.ext = t.ext AND r.ext = ANY (?::text[])
            """;

    private record Update(Payload payload, long mod, long first, byte[] sealed) {}

    private final List<Update> all = new ArrayList<>();

    void add(Payload payload, long mod, long first, byte[] sealed) {
        all.add(new Update(payload, mod, first, sealed));
    }

    int count() {
        return all.size();
    }

    void write(Connection connection, long ds) throws SQLException {
        if (all.isEmpty()) {
            return;
        }
        var ids = all.stream().map(u -> u.payload.id()).toArray(String[]::new);
        var mods = all.stream().mapToLong(Update::mod).toArray();
        var firsts = all.stream().mapToLong(Update::first).toArray();
        var hashes = all.stream().map(u -> u.payload.hash()).toArray(byte[][]::new);
        var sizes = all.stream().mapToInt(u -> u.payload.json().length).toArray();
        var data = all.stream().map(Update::sealed).toArray(byte[][]::new);
        try (var statement = connection.prepareStatement(UPDATE)) {
            statement.setArray(1, connection.createArrayOf("text", ids));
            statement.setObject(2, mods);
            statement.setObject(3, firsts);
            statement.setArray(4, connection.createArrayOf("bytea", hashes));
            statement.setObject(5, sizes);
            statement.setArray(6, connection.createArrayOf("bytea", data));
            statement.setLong(7, ds);
            statement.setArray(8, connection.createArrayOf("text", ids));
            statement.executeUpdate();
        }
    }
}
