package dev.millrace.server.action;

import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.RecurringJob;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;

/**
 * Removes what nobody can ask for any more: results of asynchronous actions after five days, idempotency keys after 24
 * hours. One process of a cluster does so at a time, little by little.
 */
public final class ActionRetention {
    private static final String TASK = "action-retention";
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofMinutes(10));
    private static final int ROUND = 1_000;

    private final Database db;
    private final RecurringJob job;
    private final Clock clock;

    public ActionRetention(Database db, Schedule schedule, Clock clock) {
        this.db = db;
        this.clock = clock;
        this.job = new RecurringJob(db, schedule, clock, TASK, PACE, this::round);
    }

    /** Makes sure that there is a task; it is due now. */
    public void begin() {
        job.begin();
    }

    private boolean round() {
        return db.inTransaction(handle -> {
            var old = clock.instant().minus(AsyncActions.KEPT);
            int results = AsyncActionStore.removeFinished(handle, old, ROUND);
            int keys = IdempotencyStore.removeOld(handle, ROUND);
            return Math.max(results, keys) == ROUND;
        });
    }
}
