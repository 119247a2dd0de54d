package dev.millrace.server.log;

import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.RecurringJob;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.LongToIntFunction;
import java.util.function.Supplier;

/**
 * Deletes logs that are older than their environment's setting. One server of a cluster does so at a time, in small
 * batches.
 */
public final class LogRetention {
    private static final String TASK = "log-retention";
    private static final Pace PACE = new Pace(Duration.ofSeconds(1), Duration.ofHours(1));
    private static final int ROUND = 5_000;
    private static final int ROUNDS = 10;
    private static final int NEVER = 0;

    private final LogStore store;
    private final RecurringJob job;
    private final Supplier<List<Long>> environments;
    private final LongToIntFunction days;
    private final Clock clock;

    /**
     * @param environments the ids of all environments
     * @param days how long an environment keeps its logs; 0: for ever
     */
    public LogRetention(
            Logs logs,
            Database db,
            Schedule schedule,
            Supplier<List<Long>> environments,
            LongToIntFunction days,
            Clock clock) {
        this.store = logs.store();
        this.environments = environments;
        this.days = days;
        this.clock = clock;
        this.job = new RecurringJob(db, schedule, clock, TASK, PACE, this::round);
    }

    /** Creates the task unless it exists. It is due at once. */
    public void begin() {
        job.begin();
    }

    private boolean round() {
        store.endForgotten(clock.instant());
        boolean done = true;
        for (long environment : environments.get()) {
            done &= removed(environment);
        }
        return !done;
    }

    private boolean removed(long environment) {
        int kept = days.applyAsInt(environment);
        if (kept == NEVER) {
            return true;
        }
        var before = clock.instant().minus(Duration.ofDays(kept));
        for (int round = 0; round < ROUNDS; round++) {
            if (store.remove(environment, before, ROUND)) {
                return true;
            }
        }
        return false;
    }
}
