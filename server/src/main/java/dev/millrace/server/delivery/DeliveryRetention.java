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
 * Removes events and their deliveries after the retention period of the environment. Events with a waiting delivery are
 * kept. Thread-safe.
 */
public final class DeliveryRetention {
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofMinutes(10));
    private static final int BATCH = 1_000;

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

    /** The recurring job that removes old events. */
    public RetentionRule rule() {
        return new RetentionRule("webhook-retention", PACE, Duration.ZERO, BATCH, this::remove);
    }

    private int remove(Instant now, int limit) {
        releaseOrphans();
        var events = deliveries.events();
        boolean more = db.inTransaction(handle -> events.removeOfDeletedEnvironments(handle, limit)) == limit;
        for (var environment : environments.get()) {
            int days = settings.get(environment).webhooks().keepDays();
            var before = now.minus(Duration.ofDays(days));
            more |= db.inTransaction(handle -> events.remove(handle, environment, before, limit)) == limit;
        }
        return more ? limit : 0;
    }

    /** Releases deliveries that a server claimed at the moment when the cluster removed it as lost. */
    private void releaseOrphans() {
        for (var owner : deliveries.store().owners()) {
            if (!cluster.isAlive(owner)) {
                db.useTransaction(handle -> DeliveryStore.release(handle, owner));
            }
        }
    }
}
