package dev.millrace.server.action;

import dev.millrace.server.db.Database;
import dev.millrace.server.delivery.WebhookOutbox;
import dev.millrace.server.schedule.RecurringJob;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;

/**
 * Deletes results of asynchronous actions after five days, idempotency keys after 24 hours, and webhooks that were
 * never sent. One server of a cluster does so at a time, in small batches.
 */
public final class ActionRetention {
    private static final String TASK = "action-retention";
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofMinutes(10));
    private static final int ROUND = 1_000;

    private final Database db;
    private final RecurringJob job;
    private final WebhookOutbox outbox;
    private final Clock clock;

    public ActionRetention(Database db, Schedule schedule, WebhookOutbox outbox, Clock clock) {
        this.db = db;
        this.outbox = outbox;
        this.clock = clock;
        this.job = new RecurringJob(db, schedule, clock, TASK, PACE, this::round);
    }

    /** Creates the task unless it exists. It is due at once. */
    public void begin() {
        job.begin();
    }

    private boolean round() {
        return db.inTransaction(handle -> {
            var old = clock.instant().minus(AsyncActions.KEPT);
            int results = AsyncActionStore.removeFinished(handle, old, ROUND);
            int keys = IdempotencyStore.removeOld(handle, ROUND);
            int webhooks = outbox.removeBefore(handle, old, ROUND);
            return Math.max(results, Math.max(keys, webhooks)) == ROUND;
        });
    }
}
