package dev.millrace.server.delivery;

import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/**
 * Removes events and their deliveries once they are as old as the environment keeps them; those that wait to be sent stay.
 */
public final class DeliveryRetention {
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofMinutes(10));
    private static final int ROUND = 1_000;

    private final Database db;
    private final Deliveries deliveries;
    private final Supplier<List<Long>> environments;
    private final EnvironmentSettings settings;
    private final Cluster cluster;

    /** @param environments the ids of all environments */
    public DeliveryRetention(
            Database db,
            Deliveries deliveries,
            Supplier<List<Long>> environments,
            EnvironmentSettings settings,
            Cluster cluster) {
        this.db = db;
        this.deliveries = deliveries;
        this.environments = environments;
        this.settings = settings;
        this.cluster = cluster;
    }

    public RetentionRule rule() {
        return new RetentionRule("webhook-retention", PACE, Duration.ZERO, ROUND, this::remove);
    }

    private int remove(Instant now, int most) {
        releaseOrphans();
        var events = deliveries.events();
        boolean more = db.inTransaction(handle -> events.removeForsaken(handle, most)) == most;
        for (var environment : environments.get()) {
            int days = settings.get(environment).webhooks().keepDays();
            var before = now.minus(Duration.ofDays(days));
            more |= db.inTransaction(handle -> events.remove(handle, environment, before, most)) == most;
        }
        return more ? most : 0;
    }

    /** What was taken by a server that counted as lost at that moment. */
    private void releaseOrphans() {
        for (var owner : deliveries.store().owners()) {
            if (!cluster.isAlive(owner)) {
                db.useTransaction(handle -> DeliveryStore.release(handle, owner));
            }
        }
    }
}
