package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The stored records for a batch at one moment, read without the lock. The snapshot is valid as long as {@code lastMod}
 * does not change.
 *
 * @param watched whether the records that the writer saves have to be noted
 * @param same for each text the order of the stored record, if it is identical, not deleted and needs no change; else
 * {@link #OTHER}
 * @param stored for each other text the record stored under its id; null where there is none
 */
record StoredSnapshot(
        long ds,
        long lastMod,
        boolean watched,
        long[] same,
        @Nullable Stored[] stored) {
    static final long OTHER = -1;

    // Most batches contain records that are stored already. This query reads so little that it takes half the time of
    // Stored.states: one index scan for all ids, one row as the result. ANY makes it lookups by key, whatever the
    // planner knew about the table when it made its plan. A hash of sixteen zero bytes matches no record.
    private static final String HELD = """
            SELECT d.ds, d.last_mod, d.windows > 0, h.ids, h.raws, h.ords
              FROM dataset d
             CROSS JOIN LATERAL (
                     SELECT array_agg(r.ext) AS ids,
                            string_agg(CASE WHEN r.raw IS NULL OR r.deleted IS NOT NULL OR r.pruned IS NOT NULL
                                            THEN '\\x00000000000000000000000000000000'::bytea ELSE r.raw END, ''::bytea) AS raws,
                            array_agg(r.ord) FILTER (WHERE ? OR d.windows > 0) AS ords
                       FROM record r
                      WHERE r.ds = d.ds AND r.ext = ANY (?::text[])) h
             WHERE d.connection_id = ? AND d.model = ?
            """;

    /** Empty when there is no such dataset. */
    static Optional<StoredSnapshot> at(Connection connection, Dataset dataset, Writer writer, Batch batch)
            throws SQLException {
        StoredSnapshot snapshot;
        var others = new ArrayList<Integer>();
        try (var statement = connection.prepareStatement(HELD)) {
            statement.setBoolean(1, writer.keepsSeen());
            statement.setArray(2, connection.createArrayOf("text", batch.ids()));
            statement.setLong(3, dataset.connection());
            statement.setString(4, dataset.model());
            try (var row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                snapshot = new StoredSnapshot(
                        row.getLong(1),
                        row.getLong(2),
                        row.getBoolean(3) || writer.keepsSeen(),
                        new long[batch.count()],
                        new @Nullable Stored[batch.count()]);
                snapshot.compare(row, writer, batch, others);
            }
        }
        snapshot.ask(connection, batch, others);
        return Optional.of(snapshot);
    }

    /** Determines which texts are identical; the others with a stored record are added to a list. */
    private void compare(ResultSet row, Writer writer, Batch batch, List<Integer> others) throws SQLException {
        Arrays.fill(same, OTHER);
        var ids = row.getArray(4);
        if (ids == null) {
            return;
        }
        var raws = row.getBytes(5);
        var ords = row.getArray(6);
        var orders = ords == null ? null : (Long[]) ords.getArray();
        int at = 0;
        for (var id : (String[]) ids.getArray()) {
            int index = batch.indexOf(id);
            // The guard needs modification times, which this query does not read.
            if (writer.guard().isEmpty() && batch.isRaw(index, raws, at * Hashes.LENGTH)) {
                same[index] = orders == null ? 0 : orders[at];
            } else {
                others.add(index);
            }
            at++;
        }
    }

    private void ask(Connection connection, Batch batch, List<Integer> others) throws SQLException {
        if (others.isEmpty()) {
            return;
        }
        var found = Stored.states(connection, ds, batch, others);
        for (int i = 0; i < found.length; i++) {
            stored[others.get(i)] = found[i];
        }
    }

    boolean isSame(int index) {
        return same[index] != OTHER;
    }

    /** Whether nothing has to be written. */
    boolean settlesAll() {
        if (watched) {
            return false;
        }
        for (long one : same) {
            if (one == OTHER) {
                return false;
            }
        }
        return true;
    }
}
