package dev.millrace.server.run;

import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.RecurringJob;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.Schedule;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import org.jdbi.v3.core.Handle;

/**
 * Deletes runs after 31 days, except the last two of each sync and kind, because the status and the next run depend on
 * them. A deleted sync follows a day later, with all of its runs. One server of a cluster does so at a time, in small
 * batches.
 */
public final class RunRetention {
    private static final String TASK = "run-retention";
    // Longer than any run, so a run that is still marked as running is lost.
    private static final Duration KEPT = Duration.ofDays(31);
    private static final Duration KEPT_WHEN_DELETED = Duration.ofDays(1);
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
            SELECT coalesce(max(id), 0) AS last, count(*) = :round AND bool_or(old) AS more FROM looked
            """;

    private static final String REMOVE_OF_DELETED = """
            DELETE FROM run
             WHERE id IN (SELECT r.id FROM sync s JOIN run r ON r.sync_id = s.id
                           WHERE s.deleted_at < :before AND r.updated_at < :before
                           LIMIT :round)
            """;

    private static final String REMOVE_DELETED = """
            DELETE FROM sync
             WHERE id IN (SELECT id FROM sync s
                           WHERE deleted_at < :before AND NOT EXISTS (SELECT FROM run WHERE sync_id = s.id)
                           LIMIT :round)
            """;

    private final Database db;
    private final RecurringJob job;
    private final Runs runs;
    private final Clock clock;
    private volatile long after;

    public RunRetention(Database db, Schedule schedule, Runs runs, Clock clock) {
        this.db = db;
        this.runs = runs;
        this.clock = clock;
        this.job = new RecurringJob(db, schedule, clock, TASK, PACE, this::round);
    }

    /** Creates the task unless it exists. It is due at once. */
    public void begin() {
        job.begin();
    }

    private boolean round() {
        runs.endOrphans();
        return db.inTransaction(handle -> {
            boolean more = removeDeleted(handle);
            long next = handle.createQuery(REMOVE)
                    .bind("before", Timestamp.from(clock.instant().minus(KEPT)))
                    .bind("after", after)
                    .bind("round", ROUND)
                    .map((row, _) -> row.getBoolean("more") ? row.getLong("last") : 0L)
                    .one();
            after = next;
            return more || next > 0;
        });
    }

    private boolean removeDeleted(Handle handle) {
        var before = Timestamp.from(clock.instant().minus(KEPT_WHEN_DELETED));
        int runs = handle.createUpdate(REMOVE_OF_DELETED)
                .bind("before", before)
                .bind("round", ROUND)
                .execute();
        int syncs = handle.createUpdate(REMOVE_DELETED)
                .bind("before", before)
                .bind("round", ROUND)
                .execute();
        return Math.max(runs, syncs) == ROUND;
    }
}
