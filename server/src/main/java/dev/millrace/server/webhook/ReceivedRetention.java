package dev.millrace.server.webhook;

import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/**
 * Removes received webhooks that are older than the retention period of the environment ({@code keep_days}). Webhooks
 * with open runs are kept. Thread-safe.
 */
public final class ReceivedRetention {
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofMinutes(10));
    private static final int ROUND = 1_000;

    private final Database db;
    private final Supplier<List<Long>> environments;
    private final EnvironmentSettings settings;

    /** @param environments supplies the ids of all environments */
    public ReceivedRetention(Database db, Supplier<List<Long>> environments, EnvironmentSettings settings) {
        this.db = db;
        this.environments = environments;
        this.settings = settings;
    }

    /** The rule that the retention service runs in the background. */
    public RetentionRule rule() {
        return new RetentionRule("inbound-retention", PACE, Duration.ZERO, ROUND, this::remove);
    }

    private int remove(Instant now, int most) {
        boolean more = false;
        for (var environment : environments.get()) {
            int days = settings.get(environment).webhooks().keepDays();
            var before = now.minus(Duration.ofDays(days));
            more |= db.inTransaction(handle -> InboxStore.remove(handle, environment, before, most)) == most;
        }
        return more ? most : 0;
    }
}
