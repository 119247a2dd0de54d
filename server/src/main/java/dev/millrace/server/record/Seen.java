package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The records of a dataset that runs from a generation on have saved, read in portions. Not thread-safe. */
final class Seen {
    private static final String NOTE = """
            INSERT INTO seen_slice (dataset_id, generation, sequences, keep_until)
            VALUES (?, ?, ?::bigint[], CASE WHEN ? THEN now() + interval '7 days' END)
            """;

    private static final String SINCE = """
            SELECT id, sequences
              FROM seen_slice
             WHERE dataset_id = ? AND generation >= ? AND id > ?
             ORDER BY id
            """;

    /** Entries that no open window needs, except those of a run that may still use them for itself. */
    private static final String TIDY = """
            DELETE FROM seen_slice
             WHERE dataset_id = ?
               AND generation < (SELECT coalesce(min(t.generation), 9223372036854775807)
                                   FROM delete_tracking t WHERE t.dataset_id = ?)
               AND (generation = ? OR keep_until IS NULL OR keep_until < now())
            """;

    private static final int CHUNK_BITS = 20;

    private final long datasetId;
    private final long generation;
    private final Map<Long, BitSet> sequences = new HashMap<>();
    private long lastRow;

    Seen(long datasetId, long generation) {
        this.datasetId = datasetId;
        this.generation = generation;
    }

    static void note(Connection connection, long datasetId, Writer writer, List<Long> sequences) throws SQLException {
        if (sequences.isEmpty()) {
            return;
        }
        try (var statement = connection.prepareStatement(NOTE)) {
            statement.setLong(1, datasetId);
            statement.setLong(2, writer.generation());
            statement.setArray(3, connection.createArrayOf("int8", sequences.toArray()));
            statement.setBoolean(4, writer.keepsSeen());
            statement.executeUpdate();
        }
    }

    static void tidy(Connection connection, long datasetId, long generation) throws SQLException {
        try (var statement = connection.prepareStatement(TIDY)) {
            statement.setLong(1, datasetId);
            statement.setLong(2, datasetId);
            statement.setLong(3, generation);
            statement.executeUpdate();
        }
    }

    /**
     * Reads the next portion. Rows become visible in the order of their ids, because they are written under the
     * dataset's lock.
     */
    void read(Connection connection) throws SQLException {
        try (var statement = connection.prepareStatement(SINCE)) {
            statement.setLong(1, datasetId);
            statement.setLong(2, generation);
            statement.setLong(3, lastRow);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    lastRow = rows.getLong(1);
                    for (var sequence : (Long[]) rows.getArray(2).getArray()) {
                        sequences
                                .computeIfAbsent(sequence >>> CHUNK_BITS, _ -> new BitSet())
                                .set(bit(sequence));
                    }
                }
            }
        }
    }

    boolean has(long sequence) {
        var chunk = sequences.get(sequence >>> CHUNK_BITS);
        return chunk != null && chunk.get(bit(sequence));
    }

    private static int bit(long sequence) {
        return (int) (sequence & (1 << CHUNK_BITS) - 1);
    }
}
