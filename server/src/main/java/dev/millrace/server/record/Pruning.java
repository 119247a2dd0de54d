package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.SQLException;

/** Removes the contents of old records. Their position in the stream, hash and state are kept. */
final class Pruning {
    private static final String PRUNE = """
            WITH old AS MATERIALIZED (
              SELECT ext, mod, size
                FROM record
               WHERE ds = ? AND mod > 0 AND mod > ? AND (mod, ord) <= (?, ?) AND pruned IS NULL
               ORDER BY mod, ord
               LIMIT ?
            ), emptied AS (
              UPDATE record
                 SET pruned = ?, size = 0, data = ''
               WHERE ds = ? AND ext = ANY (ARRAY(SELECT ext FROM old))
            )
            SELECT count(*), coalesce(sum(size), 0), coalesce(max(mod), 0) FROM old
            """;

    private static final String REMAIN = """
            SELECT EXISTS (
              SELECT FROM record WHERE ds = ? AND mod > 0 AND mod >= ? AND (mod, ord) <= (?, ?) AND pruned IS NULL)
            """;

    private record Round(int count, long bytes, long lastMod) {}

    private final Transactions transactions;

    Pruning(Transactions transactions) {
        this.transactions = transactions;
    }

    Pruned prune(Dataset dataset, Position until, int limit) {
        return transactions
                .ifExists(dataset, (connection, locked) -> {
                    var round = empty(connection, locked, until, limit);
                    boolean more = round.count == limit && remain(connection, locked, round.lastMod, until);
                    // Records of the same time may be pruned in part. A time in the future must not be recorded as
                    // pruned.
                    long done = Math.min(more ? round.lastMod : until.mod(), locked.now()) - 1;
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
            statement.setLong(1, locked.ds());
            statement.setLong(2, locked.prunedMod());
            statement.setLong(3, until.mod());
            statement.setLong(4, until.ord());
            statement.setInt(5, limit);
            statement.setLong(6, locked.now());
            statement.setLong(7, locked.ds());
            try (var row = statement.executeQuery()) {
                row.next();
                return new Round(row.getInt(1), row.getLong(2), row.getLong(3));
            }
        }
    }

    private static boolean remain(Connection connection, Locked locked, long from, Position until) throws SQLException {
        try (var statement = connection.prepareStatement(REMAIN)) {
            statement.setLong(1, locked.ds());
            statement.setLong(2, from);
            statement.setLong(3, until.mod());
            statement.setLong(4, until.ord());
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }
}
