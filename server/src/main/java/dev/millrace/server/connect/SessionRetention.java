package dev.millrace.server.connect;

import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.RecurringJob;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;

/** Deletes connect sessions and unfinished authorisations three days after they have expired. */
public final class SessionRetention {
    private static final String TASK = "connect-session-retention";
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofHours(1));
    private static final Duration KEPT = Duration.ofDays(3);
    private static final int ROUND = 500;

    private final ConnectSessions sessions;
    private final AuthFlows flows;
    private final RecurringJob job;
    private final Clock clock;

    public SessionRetention(Database db, Schedule schedule, ConnectSessions sessions, AuthFlows flows, Clock clock) {
        this.sessions = sessions;
        this.flows = flows;
        this.clock = clock;
        this.job = new RecurringJob(db, schedule, clock, TASK, PACE, this::round);
    }

    /** Creates the task unless it exists. It is due at once. */
    public void begin() {
        job.begin();
    }

    private boolean round() {
        var before = clock.instant().minus(KEPT);
        boolean more = sessions.remove(before, ROUND) == ROUND;
        return flows.remove(before, ROUND) == ROUND || more;
    }
}
