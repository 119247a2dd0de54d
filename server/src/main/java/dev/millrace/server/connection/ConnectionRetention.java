package dev.millrace.server.connection;

import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.RecurringJob;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.Schedule;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;

/**
 * Deletes connections 31 days after they were marked as deleted, with their credentials, metadata and checkpoints;
 * their syncs and records have been deleted before. Also deletes outbox entries of metadata changes after that time.
 */
public final class ConnectionRetention {
    private static final String TASK = "connection-retention";
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofHours(1));
    private static final Duration KEPT = Duration.ofDays(31);
    private static final int ROUND = 500;

    private static final String REMOVE = """
            WITH gone AS (
                   DELETE FROM connection
                    WHERE id IN (SELECT id FROM connection c
                                  WHERE deleted_at < :before
                                    AND NOT EXISTS (SELECT FROM sync WHERE connection_id = c.id)
                                    AND NOT EXISTS (SELECT FROM async_action WHERE connection_id = c.id)
                                  LIMIT :round)
                   RETURNING id),
                 metadata AS (DELETE FROM metadata USING gone WHERE connection_id = gone.id),
                 history AS (DELETE FROM metadata_history USING gone WHERE connection_id = gone.id),
                 checkpoints AS (DELETE FROM checkpoint USING gone WHERE connection_id = gone.id)
            SELECT count(*) FROM gone
            """;

    private static final String REMOVE_CHANGES = """
            DELETE FROM metadata_outbox
             WHERE id IN (SELECT id FROM metadata_outbox ORDER BY id LIMIT :round) AND changed_at < :before
            """;

    private final Database db;
    private final RecurringJob job;
    private final Clock clock;

    public ConnectionRetention(Database db, Schedule schedule, Clock clock) {
        this.db = db;
        this.clock = clock;
        this.job = new RecurringJob(db, schedule, clock, TASK, PACE, this::round);
    }

    /** Creates the task unless it exists. It is due at once. */
    public void begin() {
        job.begin();
    }

    private boolean round() {
        var before = Timestamp.from(clock.instant().minus(KEPT));
        return db.inTransaction(handle -> {
            int connections = handle.createQuery(REMOVE)
                    .bind("before", before)
                    .bind("round", ROUND)
                    .mapTo(Integer.class)
                    .one();
            int changes = handle.createUpdate(REMOVE_CHANGES)
                    .bind("before", before)
                    .bind("round", ROUND)
                    .execute();
            return Math.max(connections, changes) == ROUND;
        });
    }
}
