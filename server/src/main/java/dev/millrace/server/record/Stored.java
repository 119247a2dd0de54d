package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stored state of a record.
 *
 * @param same whether it is identical to the text to be saved
 * @param data sealed; null unless requested
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
    // LIMIT forces lookups by key. The plan of a join, made while the table is empty and cached, would scan a whole
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

    /** For each text the record stored under its id; null where there is none. */
    static @Nullable Stored[] states(Connection connection, long ds, Batch batch) throws SQLException {
        return states(connection, ds, batch.ids(), batch.raws());
    }

    /** The same for some of the texts. */
    static @Nullable Stored[] states(Connection connection, long ds, Batch batch, List<Integer> indices)
            throws SQLException {
        var ids = batch.ids();
        var raws = batch.raws();
        return states(
                connection,
                ds,
                indices.stream().map(i -> ids[i]).toArray(String[]::new),
                indices.stream().map(i -> raws[i]).toArray(byte[][]::new));
    }

    private static @Nullable Stored[] states(Connection connection, long ds, String[] ids, byte[][] raws)
            throws SQLException {
        var found = new @Nullable Stored[ids.length];
        try (var statement = connection.prepareStatement(STATES)) {
            statement.setArray(1, connection.createArrayOf("text", ids));
            statement.setArray(2, connection.createArrayOf("bytea", raws));
            statement.setLong(3, ds);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    found[rows.getInt(1) - 1] = of(rows);
                }
            }
        }
        return found;
    }

    /** The same with the contents. */
    static @Nullable Stored[] contents(Connection connection, long ds, Batch batch) throws SQLException {
        var found = new @Nullable Stored[batch.count()];
        try (var statement = connection.prepareStatement(CONTENTS)) {
            statement.setArray(1, connection.createArrayOf("text", batch.ids()));
            statement.setLong(2, ds);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    found[rows.getInt(1) - 1] = of(rows).with(rows.getBytes(10));
                }
            }
        }
        return found;
    }

    private static Stored of(ResultSet row) throws SQLException {
        return new Stored(
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getBoolean(5),
                row.getBoolean(6),
                row.getBytes(7),
                row.getInt(8),
                row.getBoolean(9),
                null);
    }

    private Stored with(byte[] newData) {
        return new Stored(ord, mod, first, deleted, pruned, hash, size, same, newData);
    }
}
