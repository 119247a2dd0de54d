package dev.millrace.server.credential;

import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.RecurringJob;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;

/**
 * Maintains credentials that nobody has requested for a day: renews tokens so that their refresh tokens do not expire,
 * and tests keys and passwords.
 */
public final class IdleRefresh {
    private static final String TASK = "idle-tokens";
    private static final Pace PACE = new Pace(Duration.ofSeconds(1), Duration.ofMinutes(10));
    private static final Duration IDLE = Duration.ofDays(1);
    private static final int ROUND = 20;

    private final TokenRefresh refresh;
    private final CredentialStore store;
    private final CredentialTest test;
    private final Clock clock;
    private final RecurringJob job;
    private volatile long after;

    public IdleRefresh(
            Database db,
            Schedule schedule,
            TokenRefresh refresh,
            CredentialStore store,
            CredentialTest test,
            Clock clock) {
        this.refresh = refresh;
        this.store = store;
        this.test = test;
        this.clock = clock;
        this.job = new RecurringJob(db, schedule, clock, TASK, PACE, this::round);
    }

    /** Creates the task unless it exists. It is due at once. */
    public void begin() {
        job.begin();
    }

    private boolean round() throws InterruptedException {
        if (after == 0) {
            store.resumeRecovered();
        }
        var idle = store.idle(clock.instant().minus(IDLE), after, ROUND);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.invokeAll(idle.stream()
                    .map(held -> Executors.callable(() -> {
                        try {
                            refresh.maintain(held, test);
                        } catch (InterruptedException _) {
                            Thread.currentThread().interrupt();
                        }
                    }))
                    .toList());
        }
        after = idle.size() == ROUND ? idle.getLast().connection() : 0;
        return idle.size() == ROUND;
    }
}
