package dev.millrace.server.ui;

import dev.millrace.server.db.Database;
import dev.millrace.server.http.Failure;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Opens sessions for those who know the password. Thread-safe. */
public final class SignIn {
    /** Trying a password costs much CPU, which guesses must not take away from the rest. */
    private static final int AT_ONCE = 2;

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    private final DashboardPassword password;
    private final Sessions sessions;
    private final SignInLimit limit;
    private final Semaphore places = new Semaphore(AT_ONCE);

    public SignIn(Database db, DashboardPassword password, Sessions sessions, Clock clock) {
        this.password = password;
        this.sessions = sessions;
        this.limit = new SignInLimit(db, clock);
    }

    /**
     * The outcome of a try.
     *
     * @param session the id of the new session, if the password was right
     * @param left how many tries follow at once
     * @param pause how long to wait when there are none
     */
    record Outcome(Optional<String> session, int left, Duration pause) {}

    Outcome attempt(InetAddress client, String typed) throws InterruptedException {
        var verdict = limit.count(client);
        if (verdict.refused()) {
            return new Outcome(Optional.empty(), 0, verdict.pause());
        }
        if (!isRight(typed)) {
            return new Outcome(Optional.empty(), verdict.left(), verdict.pause());
        }
        limit.forget(client);
        return new Outcome(Optional.of(sessions.open()), SignInLimit.TRIES, Duration.ZERO);
    }

    private boolean isRight(String typed) throws InterruptedException {
        if (!places.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
            throw Failure.overloaded("Too many people sign in at the moment. Try again in a minute.");
        }
        try {
            return password.matches(typed);
        } finally {
            places.release();
        }
    }
}
