package dev.millrace.server.run;

import dev.millrace.server.db.Database;
import dev.millrace.server.delivery.WebhookOutbox;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;

/**
 * Removes what nobody can ask for any more: results of asynchronous actions after five days, idempotency keys after 24
 * hours, webhooks that nobody took. One process of a cluster does so at a time, little by little.
 */
public final class ActionRetention {
    private static final String TASK = "action-retention";
    private static final String ALL = "all";
    private static final Duration PAUSE = Duration.ofMinutes(10);
    // So that a round is short, and others may write in between.
    private static final Duration BREATH = Duration.ofMillis(200);
    private static final int ROUND = 1_000;

    private final Database db;
    private final Schedule schedule;
    private final WebhookOutbox outbox;
    private final Clock clock;

    public ActionRetention(Database db, Schedule schedule, WebhookOutbox outbox, Clock clock) {
        this.db = db;
        this.schedule = schedule;
        this.outbox = outbox;
        this.clock = clock;
        schedule.handle(TASK, _ -> run());
    }

    /** Makes sure that there is a task; it is due now. */
    public void begin() {
        db.useTransaction(handle -> schedule.at(handle, TASK, ALL, clock.instant()));
    }

    private void run() {
        db.useTransaction(handle -> {
            var old = clock.instant().minus(AsyncActions.KEPT);
            int results = AsyncActionStore.removeFinished(handle, old, ROUND);
            int keys = IdempotencyStore.removeOld(handle, ROUND);
            int webhooks = outbox.removeBefore(handle, old, ROUND);
            boolean more = Math.max(results, Math.max(keys, webhooks)) == ROUND;
            schedule.again(handle, TASK, ALL, clock.instant().plus(more ? BREATH : PAUSE));
        });
    }
}
