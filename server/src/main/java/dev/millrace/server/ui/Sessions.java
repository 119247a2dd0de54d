package dev.millrace.server.ui;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.SecretHash;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import org.jdbi.v3.core.Handle;

/** Who is signed in. All servers of a cluster know it; only hashes of the ids are stored. Thread-safe. */
public final class Sessions {
    /** A session ends when it is not used for this long. */
    static final Duration IDLE = Duration.ofHours(12);

    /** No session lasts longer. */
    static final Duration LONGEST = Duration.ofDays(7);

    private static final Duration TOUCH = Duration.ofMinutes(1);
    private static final int ID_BYTES = 32;
    private static final int MOST_REMOVED = 1_000;

    private static final String OPEN =
            "INSERT INTO dashboard_session (hash, created_at, used_at) VALUES (:hash, :now, :now)";
    private static final String FIND = """
            SELECT used_at FROM dashboard_session WHERE hash = :hash AND created_at > :oldest AND used_at > :idle
            """;
    private static final String USE = "UPDATE dashboard_session SET used_at = :now WHERE hash = :hash";
    private static final String END = "DELETE FROM dashboard_session WHERE hash = :hash";
    private static final String END_ALL = "DELETE FROM dashboard_session";
    private static final String REMOVE = """
            DELETE FROM dashboard_session
             WHERE hash IN (SELECT hash FROM dashboard_session WHERE created_at < :oldest OR used_at < :idle LIMIT :most)
            """;
    private static final String REMOVE_ATTEMPTS = """
            DELETE FROM sign_in_attempt
             WHERE source IN (SELECT source FROM sign_in_attempt WHERE since < :idle LIMIT :most)
            """;

    private final Database db;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    public Sessions(Database db, Clock clock) {
        this.db = db;
        this.clock = clock;
    }

    /** A random id that belongs to no session yet. */
    String newId() {
        var id = new byte[ID_BYTES];
        random.nextBytes(id);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
    }

    /** Opens a session under an id that nobody has known before. */
    String open() {
        var id = newId();
        db.useHandle(handle -> handle.createUpdate(OPEN)
                .bind("hash", SecretHash.of(id))
                .bind("now", at(clock.instant()))
                .execute());
        return id;
    }

    /** Whether the session is open; if so, it has been used now. */
    boolean use(String id) {
        var hash = SecretHash.of(id);
        var now = clock.instant();
        return db.withHandle(handle -> {
            var used = handle.createQuery(FIND)
                    .bind("hash", hash)
                    .bind("oldest", at(now.minus(LONGEST)))
                    .bind("idle", at(now.minus(IDLE)))
                    .mapTo(OffsetDateTime.class)
                    .findOne();
            if (used.isPresent() && used.get().toInstant().isBefore(now.minus(TOUCH))) {
                handle.createUpdate(USE).bind("hash", hash).bind("now", at(now)).execute();
            }
            return used.isPresent();
        });
    }

    void end(String id) {
        db.useHandle(handle ->
                handle.createUpdate(END).bind("hash", SecretHash.of(id)).execute());
    }

    static void endAll(Handle handle) {
        handle.execute(END_ALL);
    }

    /** Removes sessions that have ended and old attempts to sign in. */
    public RetentionRule retention() {
        return new RetentionRule(
                "dashboard-retention",
                new Pace(Duration.ofSeconds(1), Duration.ofHours(1)),
                Duration.ZERO,
                MOST_REMOVED,
                this::remove);
    }

    private int remove(Instant now, int most) {
        return db.withHandle(handle -> {
            int sessions = handle.createUpdate(REMOVE)
                    .bind("oldest", at(now.minus(LONGEST)))
                    .bind("idle", at(now.minus(IDLE)))
                    .bind("most", most)
                    .execute();
            int attempts = handle.createUpdate(REMOVE_ATTEMPTS)
                    .bind("idle", at(now.minus(IDLE)))
                    .bind("most", most)
                    .execute();
            return Math.max(sessions, attempts);
        });
    }

    private static OffsetDateTime at(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
