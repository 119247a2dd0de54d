package dev.millrace.server.log;

import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongToIntFunction;
import java.util.function.Supplier;

/** Removes logs that are older than their environment keeps them. */
public final class LogRetention {
    private static final Pace PACE = new Pace(Duration.ofSeconds(1), Duration.ofHours(1));
    private static final int ROUND = 5_000;
    private static final int ROUNDS = 10;
    private static final int NEVER = 0;

    private final LogStore store;
    private final Supplier<List<Long>> environments;
    private final LongToIntFunction days;

    /**
     * @param environments the ids of all environments
     * @param days how long an environment keeps its logs; 0: for ever
     */
    public LogRetention(Logs logs, Supplier<List<Long>> environments, LongToIntFunction days) {
        this.store = logs.store();
        this.environments = environments;
        this.days = days;
    }

    public RetentionRule rule() {
        return new RetentionRule("log-retention", PACE, Duration.ZERO, ROUND, this::remove);
    }

    private int remove(Instant now, int most) {
        store.endForgotten(now);
        boolean done = true;
        for (long environment : environments.get()) {
            done &= removed(environment, now, most);
        }
        return done ? 0 : most;
    }

    private boolean removed(long environment, Instant now, int most) {
        int kept = days.applyAsInt(environment);
        if (kept == NEVER) {
            return true;
        }
        var before = now.minus(Duration.ofDays(kept));
        for (int round = 0; round < ROUNDS; round++) {
            if (store.remove(environment, before, most)) {
                return true;
            }
        }
        return false;
    }
}
