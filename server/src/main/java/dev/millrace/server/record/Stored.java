package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
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
        long sequence,
        long modified,
        long firstSeen,
        boolean deleted,
        boolean pruned,
        byte[] hash,
        int size,
        boolean same,
        byte @Nullable [] data) {
    // LIMIT forces lookups by key. The plan of a join, made while the table is empty and cached, would scan a whole
    // dataset.
    private static final Sql STATES = Sql.of("""
            SELECT i.n, r.sequence, r.modified, r.first_seen, r.deleted IS NOT NULL, r.pruned IS NOT NULL, r.hash, r.size,
                   r.text_hash = i.text_hash
              FROM unnest(:ids::text[], :hashes::bytea[]) WITH ORDINALITY AS i (external_id, text_hash, n)
             CROSS JOIN LATERAL (SELECT * FROM record WHERE dataset_id = :dataset AND external_id = i.external_id LIMIT 1) r
            """);

    private static final Sql CONTENTS = Sql.of("""
            SELECT i.n, r.sequence, r.modified, r.first_seen, r.deleted IS NOT NULL, r.pruned IS NOT NULL, r.hash, r.size,
                   false, r.data
              FROM unnest(:ids::text[]) WITH ORDINALITY AS i (external_id, n)
             CROSS JOIN LATERAL (SELECT * FROM record WHERE dataset_id = :dataset AND external_id = i.external_id LIMIT 1) r
            """);

    /** For each text the record stored under its id; null where there is none. */
    static @Nullable Stored[] states(Connection connection, long datasetId, Batch batch) throws SQLException {
        return states(connection, datasetId, batch.ids(), batch.textHashes());
    }

    /** The same for some of the texts. */
    static @Nullable Stored[] states(Connection connection, long datasetId, Batch batch, List<Integer> indices)
            throws SQLException {
        var ids = batch.ids();
        var textHashes = batch.textHashes();
        return states(
                connection,
                datasetId,
                indices.stream().map(i -> ids[i]).toArray(String[]::new),
                indices.stream().map(i -> textHashes[i]).toArray(byte[][]::new));
    }

    private static @Nullable Stored[] states(Connection connection, long datasetId, String[] ids, byte[][] textHashes)
            throws SQLException {
        var found = new @Nullable Stored[ids.length];
        STATES.read(
                connection,
                0,
                p -> p.array("ids", "text", ids)
                        .array("hashes", "bytea", textHashes)
                        .set("dataset", datasetId),
                rows -> {
                    while (rows.next()) {
                        found[rows.getInt(1) - 1] = of(rows);
                    }
                    return found;
                });
        return found;
    }

    /** The same with the contents. */
    static @Nullable Stored[] contents(Connection connection, long datasetId, Batch batch) throws SQLException {
        var found = new @Nullable Stored[batch.count()];
        CONTENTS.read(connection, 0, p -> p.array("ids", "text", batch.ids()).set("dataset", datasetId), rows -> {
            while (rows.next()) {
                found[rows.getInt(1) - 1] = of(rows).with(rows.getBytes(10));
            }
            return found;
        });
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
        return new Stored(sequence, modified, firstSeen, deleted, pruned, hash, size, same, newData);
    }
}
