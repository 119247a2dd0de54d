package dev.millrace.server.run;

import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;

/**
 * Removes runs after 31 days, except the last two of each sync and kind: its status and its next run are read from
 * them.
 */
public final class RunRetention {
    // Longer than any run, so a run that is still marked as running is lost.
    private static final Duration KEPT = Duration.ofDays(31);
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofHours(1));
    private static final int ROUND = 2_000;

    // Walks along the primary key, which follows the order in which runs began. Rows that are kept are not read again
    // until the next walk.
    private static final String REMOVE = """
            WITH looked AS MATERIALIZED (
                   SELECT id, sync_id, kind, updated_at < :before AS old FROM run WHERE id > :after ORDER BY id LIMIT :round),
                 removed AS (
                   DELETE FROM run
                    USING looked
                    WHERE run.id = looked.id AND looked.old
                      AND (looked.sync_id IS NULL
                           OR 2 = (SELECT count(*)
                                     FROM (SELECT FROM run AS younger
                                            WHERE younger.sync_id = looked.sync_id AND younger.kind = looked.kind
                                              AND younger.id > looked.id
                                            LIMIT 2) AS two)))
            SELECT coalesce(max(id), 0) AS last, count(*)::int AS looked, coalesce(bool_or(old), false) AS old FROM looked
            """;

    private final Database db;
    private final Runs runs;
    private volatile long after;

    public RunRetention(Database db, Runs runs) {
        this.db = db;
        this.runs = runs;
    }

    public RetentionRule rule() {
        return new RetentionRule("run-retention", PACE, KEPT, ROUND, this::remove);
    }

    private record Walk(long last, int looked, boolean old) {}

    private int remove(Instant before, int most) {
        runs.endOrphans();
        var walk = db.withHandle(handle -> handle.createQuery(REMOVE)
                .bind("before", Timestamp.from(before))
                .bind("after", after)
                .bind("round", most)
                .map((row, _) -> new Walk(row.getLong("last"), row.getInt("looked"), row.getBoolean("old")))
                .one());
        boolean more = walk.old && walk.looked == most;
        after = more ? walk.last : 0;
        return more ? walk.looked : 0;
    }
}
