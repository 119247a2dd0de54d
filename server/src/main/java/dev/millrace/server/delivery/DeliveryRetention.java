package dev.millrace.server.delivery;

import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.schedule.RecurringJob;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * Removes events, and what became of them, once they are as old as the environment keeps them; those that wait to be sent
 * stay. One process of a cluster does so at a time, little by little.
 */
public final class DeliveryRetention {
    private static final String TASK = "webhook-retention";
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofMinutes(10));
    private static final int ROUND = 1_000;

    private final Database db;
    private final Deliveries deliveries;
    private final Supplier<List<Long>> environments;
    private final EnvironmentSettings settings;
    private final Cluster cluster;
    private final Clock clock;
    private final RecurringJob job;

    public DeliveryRetention(
            Database db,
            Schedule schedule,
            Deliveries deliveries,
            Supplier<List<Long>> environments,
            EnvironmentSettings settings,
            Cluster cluster,
            Clock clock) {
        this.db = db;
        this.deliveries = deliveries;
        this.environments = environments;
        this.settings = settings;
        this.cluster = cluster;
        this.clock = clock;
        this.job = new RecurringJob(db, schedule, clock, TASK, PACE, this::round);
    }

    /** Makes sure that there is a task; it is due now. */
    public void begin() {
        job.begin();
    }

    private boolean round() {
        releaseOrphans();
        var events = deliveries.events();
        boolean more = db.inTransaction(handle -> events.removeForsaken(handle, ROUND)) == ROUND;
        for (var environment : environments.get()) {
            int days = settings.get(environment).webhooks().keepDays();
            var before = clock.instant().minus(Duration.ofDays(days));
            more |= db.inTransaction(handle -> events.remove(handle, environment, before, ROUND)) == ROUND;
        }
        return more;
    }

    /** What was taken by a server that was taken for lost at that moment. */
    private void releaseOrphans() {
        for (var owner : deliveries.store().owners()) {
            if (!cluster.isAlive(owner)) {
                db.useTransaction(handle -> DeliveryStore.release(handle, owner));
            }
        }
    }
}
