package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the database holds of a record.
 *
 * @param data sealed; null unless it was asked for
 */
record Stored(
        long ord,
        long mod,
        long first,
        boolean deleted,
        boolean pruned,
        byte[] hash,
        int size,
        byte @Nullable [] data) {
    // LIMIT keeps the lookup a lookup: a join that is planned while the table is empty, and kept, reads all of a
    // dataset.
    private static final String STATES = """
            SELECT i.n, r.ord, r.mod, r.first, r.deleted IS NOT NULL, r.pruned IS NOT NULL, r.hash, r.size
              FROM unnest(?::text[]) WITH ORDINALITY AS i (ext, n)
             CROSS JOIN LATERAL (SELECT * FROM record WHERE ds = ? AND ext = i.ext LIMIT 1) r
            """;

    private static final String CONTENTS = """
            SELECT i.n, r.ord, r.mod, r.first, r.deleted IS NOT NULL, r.pruned IS NOT NULL, r.hash, r.size, r.data
              FROM unnest(?::text[]) WITH ORDINALITY AS i (ext, n)
             CROSS JOIN LATERAL (SELECT * FROM record WHERE ds = ? AND ext = i.ext LIMIT 1) r
            """;

    /** For each payload what is stored under its id, null where nothing is. */
    static @Nullable Stored[] states(Connection connection, long ds, List<Payload> payloads) throws SQLException {
        return read(connection, STATES, ds, payloads, false);
    }

    /** The same with the data. */
    static @Nullable Stored[] contents(Connection connection, long ds, List<Payload> payloads) throws SQLException {
        return read(connection, CONTENTS, ds, payloads, true);
    }

    private static @Nullable Stored[] read(
            Connection connection, String sql, long ds, List<Payload> payloads, boolean data) throws SQLException {
        var found = new @Nullable Stored[payloads.size()];
        var ids = payloads.stream().map(Payload::id).toArray(String[]::new);
        try (var statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", ids));
            statement.setLong(2, ds);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    found[rows.getInt(1) - 1] = of(rows, data ? rows.getBytes(9) : null);
                }
            }
        }
        return found;
    }

    private static Stored of(ResultSet row, byte @Nullable [] data) throws SQLException {
        return new Stored(
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getBoolean(5),
                row.getBoolean(6),
                row.getBytes(7),
                row.getInt(8),
                data);
    }
}
