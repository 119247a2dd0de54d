package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the database holds of a record.
 *
 * @param same whether it is the very text that is to be saved
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
        boolean same,
        byte @Nullable [] data) {
    // LIMIT keeps the lookup a lookup: a join that is planned while the table is empty, and kept, reads all of a
    // dataset.
    private static final String STATES = """
            SELECT i.n, r.ord, r.mod, r.first, r.deleted IS NOT NULL, r.pruned IS NOT NULL, r.hash, r.size, r.raw = i.raw
              FROM unnest(?::text[], ?::bytea[]) WITH ORDINALITY AS i (ext, raw, n)
             CROSS JOIN LATERAL (SELECT * FROM record WHERE ds = ? AND ext = i.ext LIMIT 1) r
            """;

    private static final String CONTENTS = """
            SELECT i.n, r.ord, r.mod, r.first, r.deleted IS NOT NULL, r.pruned IS NOT NULL, r.hash, r.size, false, r.data
              FROM unnest(?::text[]) WITH ORDINALITY AS i (ext, n)
             CROSS JOIN LATERAL (SELECT * FROM record WHERE ds = ? AND ext = i.ext LIMIT 1) r
            """;

    /** For each text what is stored under its id, null where nothing is. */
    static @Nullable Stored[] states(Connection connection, long ds, Slice slice) throws SQLException {
        var found = new @Nullable Stored[slice.count()];
        try (var statement = connection.prepareStatement(STATES)) {
            statement.setArray(1, connection.createArrayOf("text", slice.ids()));
            statement.setArray(2, connection.createArrayOf("bytea", slice.raws()));
            statement.setLong(3, ds);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    found[rows.getInt(1) - 1] = of(rows, 2);
                }
            }
        }
        return found;
    }

    /** The same with the data. */
    static @Nullable Stored[] contents(Connection connection, long ds, Slice slice) throws SQLException {
        var found = new @Nullable Stored[slice.count()];
        try (var statement = connection.prepareStatement(CONTENTS)) {
            statement.setArray(1, connection.createArrayOf("text", slice.ids()));
            statement.setLong(2, ds);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    found[rows.getInt(1) - 1] =
                            Objects.requireNonNull(of(rows, 2)).with(rows.getBytes(10));
                }
            }
        }
        return found;
    }

    /** The columns from the given one on: ord, mod, first, deleted, pruned, hash, size, same; null when all are. */
    static @Nullable Stored of(ResultSet row, int at) throws SQLException {
        long ord = row.getLong(at);
        return row.wasNull()
                ? null
                : new Stored(
                        ord,
                        row.getLong(at + 1),
                        row.getLong(at + 2),
                        row.getBoolean(at + 3),
                        row.getBoolean(at + 4),
                        row.getBytes(at + 5),
                        row.getInt(at + 6),
                        row.getBoolean(at + 7),
                        null);
    }

    private Stored with(byte[] newData) {
        return new Stored(ord, mod, first, deleted, pruned, hash, size, same, newData);
    }
}
