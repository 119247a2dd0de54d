package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/** Removes the contents of old records. Their position in the stream, hash and state are kept. */
final class Pruning {
    private static final Sql PRUNE = Sql.of("""
            WITH old AS MATERIALIZED (
              SELECT external_id, modified, size
                FROM record
               WHERE dataset_id = :dataset AND modified > 0 AND modified > :pruned AND (modified, sequence) <= (:modified, :sequence) AND pruned IS NULL
               ORDER BY modified, sequence
               LIMIT :limit
            ), emptied AS (
              UPDATE record
                 SET pruned = :now, size = 0, data = ''
               WHERE dataset_id = :dataset AND external_id = ANY (ARRAY(SELECT external_id FROM old))
            )
            SELECT count(*), coalesce(sum(size), 0), coalesce(max(modified), 0) FROM old
            """);

    private static final Sql REMAIN = Sql.of("""
            SELECT EXISTS (
              SELECT FROM record
               WHERE dataset_id = :dataset AND modified > 0 AND modified >= :from AND (modified, sequence) <= (:modified, :sequence)
                 AND pruned IS NULL)
            """);

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
        return PRUNE.first(
                        connection,
                        p -> p.set("dataset", locked.datasetId())
                                .set("pruned", locked.prunedUntil())
                                .set("modified", until.modified())
                                .set("sequence", until.sequence())
                                .set("limit", limit)
                                .set("now", locked.now()),
                        row -> new Round(row.getInt(1), row.getLong(2), row.getLong(3)))
                .orElseThrow();
    }

    private static boolean remain(Connection connection, Locked locked, long from, Position until) throws SQLException {
        return REMAIN.first(
                        connection,
                        p -> p.set("dataset", locked.datasetId())
                                .set("from", from)
                                .set("modified", until.modified())
                                .set("sequence", until.sequence()),
                        row -> row.getBoolean(1))
                .orElseThrow();
    }
}
