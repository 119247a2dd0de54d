package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/** Removes records permanently, in rounds, so that no transaction grows too large. */
final class Removal {
    private static final Sql REMOVE = Sql.of("""
            WITH gone AS (
              DELETE FROM record
               WHERE dataset_id = :dataset
                 AND external_id = ANY (ARRAY(SELECT external_id FROM record WHERE dataset_id = :dataset LIMIT :limit))
              RETURNING deleted, size
            )
            SELECT count(*), count(*) FILTER (WHERE deleted IS NULL), coalesce(sum(size), 0) FROM gone
            """);

    private static final Sql FORGET_SEEN = Sql.of("DELETE FROM seen_slice WHERE dataset_id = :dataset");
    private static final Sql FORGET_WINDOWS = Sql.of("DELETE FROM delete_tracking WHERE dataset_id = :dataset");
    private static final Sql FORGET = Sql.of("DELETE FROM dataset WHERE dataset_id = :dataset");

    private static final int ROUND = 50_000;

    private final Transactions transactions;

    Removal(Transactions transactions) {
        this.transactions = transactions;
    }

    /** Removes the records but keeps the dataset with its clock and windows. Returns their number. */
    long empty(Dataset dataset) {
        return rounds(dataset, false, Records.Claim.NONE);
    }

    /** Removes the records and the dataset, unless it is claimed. */
    long delete(Dataset dataset, Records.Claim claim) {
        return rounds(dataset, true, claim);
    }

    private long rounds(Dataset dataset, boolean forget, Records.Claim claim) {
        long all = 0;
        int removed;
        do {
            // Called under the lock, because a process that claims the dataset writes to it after that.
            removed = transactions
                    .ifExists(
                            dataset,
                            (connection, locked) -> claim.stands(connection) ? 0 : round(connection, locked, forget))
                    .orElse(0);
            all += removed;
        } while (removed == ROUND);
        return all;
    }

    private static int round(Connection connection, Locked locked, boolean forget) throws SQLException {
        var tally = new Locked.Tally();
        int removed = remove(connection, locked.datasetId(), tally);
        locked.count(connection, tally);
        // In each round, so that cursors handed out during the removal become invalid too.
        locked.anew(connection);
        // Under the lock nobody can have added a record since.
        if (forget && removed < ROUND) {
            FORGET_SEEN.update(connection, p -> p.set("dataset", locked.datasetId()));
            FORGET_WINDOWS.update(connection, p -> p.set("dataset", locked.datasetId()));
            FORGET.update(connection, p -> p.set("dataset", locked.datasetId()));
        }
        return removed;
    }

    private static int remove(Connection connection, long datasetId, Locked.Tally tally) throws SQLException {
        return REMOVE.first(connection, p -> p.set("dataset", datasetId).set("limit", ROUND), row -> {
                    tally.live = -row.getInt(2);
                    tally.bytes = -row.getLong(3);
                    return row.getInt(1);
                })
                .orElseThrow();
    }
}
