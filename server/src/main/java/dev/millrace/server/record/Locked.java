package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A dataset while this transaction holds its lock: the row of the dataset itself.
 *
 * @param now the time of everything this transaction changes: later than all earlier ones, whatever the clock says. It
 *     is taken with the lock and the lock is held to the commit, so changes become visible in its order.
 * @param nextSequence for the next new record
 * @param prunedUntil every record up to here is pruned
 * @param tracked whether a delete-tracking window is open
 */
record Locked(long datasetId, long now, long nextSequence, long prunedUntil, boolean tracked) {
    private static final String CREATE =
            "INSERT INTO dataset (connection_id, model) VALUES (?, ?) ON CONFLICT (connection_id, model) DO NOTHING";

    // Applies to the transaction: changes of many records by id use a hash join. A nested loop would compare each with
    // each.
    private static final String TAKE = """
            UPDATE dataset
               SET last_modified = greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, last_modified + 1)
             WHERE connection_id = ? AND model = ?
            RETURNING dataset_id, last_modified, next_sequence, pruned_until, windows > 0,
                      set_config('enable_nestloop', 'off', true)
            """;

    private static final String TAKE_IF = """
            UPDATE dataset
               SET last_modified = greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, last_modified + 1),
                   next_sequence = next_sequence + ?, live = live + ?, bytes = bytes + ?,
                   pruned_until = least(pruned_until, ?)
             WHERE dataset_id = ? AND last_modified = ?
            RETURNING dataset_id, last_modified, next_sequence - ?, pruned_until, windows > 0,
                      set_config('enable_nestloop', 'off', true)
            """;

    private static final String COUNT = """
            UPDATE dataset
               SET next_sequence = next_sequence + ?, live = live + ?, bytes = bytes + ?,
                   pruned_until = least(pruned_until, ?)
             WHERE dataset_id = ?
            """;

    private static final String PRUNED =
            "UPDATE dataset SET pruned_until = greatest(pruned_until, ?) WHERE dataset_id = ?";

    // Differs from the previous value and is never 0.
    private static final String ANEW =
            "UPDATE dataset SET epoch = 1 + (epoch + floor(random() * 4294967294)::bigint) % 4294967295 WHERE dataset_id = ?";

    private static final String WINDOWS = "UPDATE dataset SET windows = windows + ? WHERE dataset_id = ?";

    static boolean create(Connection connection, Dataset dataset) throws SQLException {
        try (var statement = connection.prepareStatement(CREATE)) {
            statement.setLong(1, dataset.connection());
            statement.setString(2, dataset.model());
            return statement.executeUpdate() > 0;
        }
    }

    static @Nullable Locked take(Connection connection, Dataset dataset) throws SQLException {
        try (var statement = connection.prepareStatement(TAKE)) {
            statement.setLong(1, dataset.connection());
            statement.setString(2, dataset.model());
            try (var row = statement.executeQuery()) {
                return row.next() ? of(row) : null;
            }
        }
    }

    /**
     * Takes the lock of a dataset that has not changed since the comparison, and updates its counters in the same
     * statement; null when it has changed.
     */
    static @Nullable Locked takeIf(Connection connection, long datasetId, long lastModified, Tally tally)
            throws SQLException {
        try (var statement = connection.prepareStatement(TAKE_IF)) {
            statement.setLong(1, tally.inserted);
            statement.setLong(2, tally.live);
            statement.setLong(3, tally.bytes);
            statement.setLong(4, tally.oldestRestored - 1);
            statement.setLong(5, datasetId);
            statement.setLong(6, lastModified);
            statement.setLong(7, tally.inserted);
            try (var row = statement.executeQuery()) {
                return row.next() ? of(row) : null;
            }
        }
    }

    private static Locked of(ResultSet row) throws SQLException {
        return new Locked(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getBoolean(5));
    }

    /** Updates the dataset's counters. */
    void count(Connection connection, Tally tally) throws SQLException {
        try (var statement = connection.prepareStatement(COUNT)) {
            statement.setLong(1, tally.inserted);
            statement.setLong(2, tally.live);
            statement.setLong(3, tally.bytes);
            statement.setLong(4, tally.oldestRestored - 1);
            statement.setLong(5, datasetId);
            statement.executeUpdate();
        }
    }

    void prunedUpTo(Connection connection, long modified) throws SQLException {
        set(connection, PRUNED, modified);
    }

    /** The contents begin a new epoch, so cursors of the old contents can be recognised. */
    void anew(Connection connection) throws SQLException {
        try (var statement = connection.prepareStatement(ANEW)) {
            statement.setLong(1, datasetId);
            statement.executeUpdate();
        }
    }

    void windows(Connection connection, int more) throws SQLException {
        set(connection, WINDOWS, more);
    }

    private void set(Connection connection, String sql, long value) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setLong(1, value);
            statement.setLong(2, datasetId);
            statement.executeUpdate();
        }
    }

    /** The changes of a transaction to the dataset's counters. */
    static final class Tally {
        int inserted;
        int live;
        long bytes;
        long oldestRestored = Long.MAX_VALUE;
    }
}
