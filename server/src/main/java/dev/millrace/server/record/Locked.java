package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
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
    private static final Sql CREATE = Sql.of(
            "INSERT INTO dataset (connection_id, model) VALUES (:connection, :model) ON CONFLICT (connection_id, model) DO NOTHING");

    // Applies to the transaction: changes of many records by id use a hash join. A nested loop would compare each with
    // each.
    private static final Sql TAKE = Sql.of("""
            UPDATE dataset
               SET last_modified = greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, last_modified + 1)
             WHERE connection_id = :connection AND model = :model
            RETURNING dataset_id, last_modified, next_sequence, pruned_until, windows > 0,
                      set_config('enable_nestloop', 'off', true)
            """);

    private static final Sql TAKE_IF = Sql.of("""
            UPDATE dataset
               SET last_modified = greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, last_modified + 1),
                   next_sequence = next_sequence + :inserted, live = live + :live, bytes = bytes + :bytes,
                   pruned_until = least(pruned_until, :pruned)
             WHERE dataset_id = :dataset AND last_modified = :lastModified
            RETURNING dataset_id, last_modified, next_sequence - :inserted, pruned_until, windows > 0,
                      set_config('enable_nestloop', 'off', true)
            """);

    private static final Sql COUNT = Sql.of("""
            UPDATE dataset
               SET next_sequence = next_sequence + :inserted, live = live + :live, bytes = bytes + :bytes,
                   pruned_until = least(pruned_until, :pruned)
             WHERE dataset_id = :dataset
            """);

    private static final Sql PRUNED =
            Sql.of("UPDATE dataset SET pruned_until = greatest(pruned_until, :value) WHERE dataset_id = :dataset");

    // Differs from the previous value and is never 0.
    private static final Sql ANEW = Sql.of(
            "UPDATE dataset SET epoch = 1 + (epoch + floor(random() * 4294967294)::bigint) % 4294967295 WHERE dataset_id = :dataset");

    private static final Sql WINDOWS =
            Sql.of("UPDATE dataset SET windows = windows + :value WHERE dataset_id = :dataset");

    static boolean create(Connection connection, Dataset dataset) throws SQLException {
        return CREATE.update(connection, p -> named(p, dataset)) > 0;
    }

    static @Nullable Locked take(Connection connection, Dataset dataset) throws SQLException {
        return TAKE.first(connection, p -> named(p, dataset), Locked::of).orElse(null);
    }

    private static void named(Sql.Parameters p, Dataset dataset) throws SQLException {
        p.set("connection", dataset.connection()).set("model", dataset.model());
    }

    /**
     * Takes the lock of a dataset that has not changed since the comparison, and updates its counters in the same
     * statement; null when it has changed.
     */
    static @Nullable Locked takeIf(Connection connection, long datasetId, long lastModified, Tally tally)
            throws SQLException {
        return TAKE_IF.first(
                        connection,
                        p -> tally.bind(p).set("dataset", datasetId).set("lastModified", lastModified),
                        Locked::of)
                .orElse(null);
    }

    private static Locked of(ResultSet row) throws SQLException {
        return new Locked(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getBoolean(5));
    }

    /** Updates the dataset's counters. */
    void count(Connection connection, Tally tally) throws SQLException {
        COUNT.update(connection, p -> tally.bind(p).set("dataset", datasetId));
    }

    void prunedUpTo(Connection connection, long modified) throws SQLException {
        set(connection, PRUNED, modified);
    }

    /** The contents begin a new epoch, so cursors of the old contents can be recognised. */
    void anew(Connection connection) throws SQLException {
        ANEW.update(connection, p -> p.set("dataset", datasetId));
    }

    void windows(Connection connection, int more) throws SQLException {
        set(connection, WINDOWS, more);
    }

    private void set(Connection connection, Sql sql, long value) throws SQLException {
        sql.update(connection, p -> p.set("value", value).set("dataset", datasetId));
    }

    /** The changes of a transaction to the dataset's counters. */
    static final class Tally {
        int inserted;
        int live;
        long bytes;
        long oldestRestored = Long.MAX_VALUE;

        private Sql.Parameters bind(Sql.Parameters p) throws SQLException {
            return p.set("inserted", (long) inserted)
                    .set("live", (long) live)
                    .set("bytes", bytes)
                    .set("pruned", oldestRestored - 1);
        }
    }
}
