package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The records of a dataset that runs from a generation on have saved, read in portions. Not thread-safe. */
final class SeenRecords {
    private static final Sql NOTE = Sql.of("""
            INSERT INTO seen_slice (dataset_id, generation, sequences, keep_until)
            VALUES (:dataset, :generation, :sequences::bigint[], CASE WHEN :keeps THEN now() + interval '7 days' END)
            """);

    private static final Sql SINCE = Sql.of("""
            SELECT id, sequences
              FROM seen_slice
             WHERE dataset_id = :dataset AND generation >= :generation AND id > :after
             ORDER BY id
            """);

    /** Entries that no open window needs, except those of a run that may still use them for itself. */
    private static final Sql TIDY = Sql.of("""
            DELETE FROM seen_slice
             WHERE dataset_id = :dataset
               AND generation < (SELECT coalesce(min(t.generation), 9223372036854775807)
                                   FROM delete_tracking t WHERE t.dataset_id = :dataset)
               AND (generation = :generation OR keep_until IS NULL OR keep_until < now())
            """);

    private static final int CHUNK_BITS = 20;

    private final long datasetId;
    private final long generation;
    private final Map<Long, BitSet> sequences = new HashMap<>();
    private long lastRow;

    SeenRecords(long datasetId, long generation) {
        this.datasetId = datasetId;
        this.generation = generation;
    }

    static void note(Connection connection, long datasetId, Writer writer, List<Long> sequences) throws SQLException {
        if (sequences.isEmpty()) {
            return;
        }
        NOTE.update(
                connection,
                p -> p.set("dataset", datasetId)
                        .set("generation", writer.generation())
                        .array("sequences", "int8", sequences.toArray())
                        .set("keeps", writer.keepsSeen()));
    }

    static void tidy(Connection connection, long datasetId, long generation) throws SQLException {
        TIDY.update(connection, p -> p.set("dataset", datasetId).set("generation", generation));
    }

    /**
     * Reads the next portion. Rows become visible in the order of their ids, because they are written under the
     * dataset's lock.
     */
    void read(Connection connection) throws SQLException {
        SINCE.read(
                connection,
                0,
                p -> p.set("dataset", datasetId).set("generation", generation).set("after", lastRow),
                this::addAll);
    }

    private boolean addAll(ResultSet rows) throws SQLException {
        while (rows.next()) {
            lastRow = rows.getLong(1);
            for (var sequence : (Long[]) rows.getArray(2).getArray()) {
                sequences
                        .computeIfAbsent(sequence >>> CHUNK_BITS, _ -> new BitSet())
                        .set(bit(sequence));
            }
        }
        return true;
    }

    boolean has(long sequence) {
        var chunk = sequences.get(sequence >>> CHUNK_BITS);
        return chunk != null && chunk.get(bit(sequence));
    }

    private static int bit(long sequence) {
        return (int) (sequence & (1 << CHUNK_BITS) - 1);
    }
}
