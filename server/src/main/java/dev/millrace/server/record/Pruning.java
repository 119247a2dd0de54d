package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.SQLException;

/** Removes the contents of old records. Their position in the stream, hash and state are kept. */
final class Pruning {
    private static final String PRUNE = """
            WITH old AS MATERIALIZED (
              SELECT external_id, modified, size
                FROM record
               WHERE dataset_id = ? AND modified > 0 AND modified > ? AND (modified, sequence) <= (?, ?) AND pruned IS NULL
               ORDER BY modified, sequence
               LIMIT ?
            ), emptied AS (
              UPDATE record
                 SET pruned = ?, size = 0, data = ''
               WHERE dataset_id = ? AND external_id = ANY (ARRAY(SELECT external_id FROM old))
            )
            SELECT count(*), coalesce(sum(size), 0), coalesce(max(modified), 0) FROM old
            """;

    private static final String REMAIN = """
            SELECT EXISTS (
              SELECT FROM record
               WHERE dataset_id = ? AND modified > 0 AND modified >= ? AND (modified, sequence) <= (?, ?)
                 AND pruned IS NULL)
            """;

    private record Round(int count, long bytes, long lastModified) {}

    private final Transactions transactions;

    Pruning(Transactions transactions) {
        this.transactions = transactions;
    }

    Pruned prune(Dataset dataset, Position until, int limit) {
        return transactions
                .ifExists(dataset, (connection, locked) -> {
                    var round = empty(connection, locked, until, limit);
                    boolean more = round.count == limit && remain(connection, locked, round.lastModified, until);
                    // Records of the same time may be pruned in part. A time in the future must not be recorded as
                    // pruned.
                    long done = Math.min(more ? round.lastModified : until.modified(), locked.now()) - 1;
                    locked.prunedUpTo(connection, done);
                    var tally = new Locked.Tally();
                    tally.bytes = -round.bytes;
                    locked.count(connection, tally);
                    return new Pruned(round.count, more);
                })
                .orElseGet(() -> new Pruned(0, false));
    }

    private static Round empty(Connection connection, Locked locked, Position until, int limit) throws SQLException {
        try (var statement = connection.prepareStatement(PRUNE)) {
            statement.setLong(1, locked.datasetId());
            statement.setLong(2, locked.prunedUntil());
            statement.setLong(3, until.modified());
            statement.setLong(4, until.sequence());
            statement.setInt(5, limit);
            statement.setLong(6, locked.now());
            statement.setLong(7, locked.datasetId());
            try (var row = statement.executeQuery()) {
                row.next();
                return new Round(row.getInt(1), row.getLong(2), row.getLong(3));
            }
        }
    }

    private static boolean remain(Connection connection, Locked locked, long from, Position until) throws SQLException {
        try (var statement = connection.prepareStatement(REMAIN)) {
            statement.setLong(1, locked.datasetId());
            statement.setLong(2, from);
            statement.setLong(3, until.modified());
            statement.setLong(4, until.sequence());
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }
}
