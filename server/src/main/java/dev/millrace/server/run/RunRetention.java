package dev.millrace.server.run;

import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.Schedule;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;

/**
 * Removes runs after 31 days (syncs §1), except the last two of each sync and kind: its status and its next run are read from
 * them. Those of a deleted sync go a day after it (syncs §8). One process of a cluster does so at a time, little by little.
 */
public final class RunRetention {
    private static final String TASK = "run-retention";
    private static final String ALL = "all";
    // Longer than any run lasts, so that what is still called running is lost.
    private static final Duration KEPT = Duration.ofDays(31);
    private static final Duration KEPT_WHEN_DELETED = Duration.ofDays(1);
    private static final Duration PAUSE = Duration.ofHours(1);
    // So that a round is short, and others may write in between.
    private static final Duration BREATH = Duration.ofMillis(200);
    private static final int ROUND = 2_000;

    // Walks along the primary key, in which runs have begun: rows that stay are not looked at again until the next
    // walk.
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

    private final Database db;
    private final Schedule schedule;
    private final Clock clock;
    private volatile long after;

    public RunRetention(Database db, Schedule schedule, Clock clock) {
        this.db = db;
        this.schedule = schedule;
        this.clock = clock;
        schedule.handle(TASK, _ -> run());
    }

    /** Makes sure that there is a task; it is due now. */
    public void begin() {
        db.useTransaction(handle -> schedule.at(handle, TASK, ALL, clock.instant()));
    }

    private void run() {
        db.useTransaction(handle -> {
            int removed = handle.createUpdate(REMOVE_OF_DELETED)
                    .bind("before", Timestamp.from(clock.instant().minus(KEPT_WHEN_DELETED)))
                    .bind("round", ROUND)
                    .execute();
            long next = handle.createQuery(REMOVE)
                    .bind("before", Timestamp.from(clock.instant().minus(KEPT)))
                    .bind("after", after)
                    .bind("round", ROUND)
                    .map((row, _) -> row.getBoolean("more") ? row.getLong("last") : 0L)
                    .one();
            schedule.again(handle, TASK, ALL, clock.instant().plus(next > 0 || removed == ROUND ? BREATH : PAUSE));
            after = next;
        });
    }
}
