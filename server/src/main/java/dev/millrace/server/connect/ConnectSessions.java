package dev.millrace.server.connect;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.encryption.SecretHash;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.security.SecureRandom;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Stores connect sessions: tokens as hashes, terms encrypted. Thread-safe. */
public final class ConnectSessions {
    /** The encrypted columns of this package. */
    public static final List<SealedColumn> SEALED =
            List.of(new SealedColumn("connect_session", "terms", List.of(new SealedColumn.Part("id", "bigint"))));

    static final String PREFIX = "nango_connect_session_";

    private static final Pattern TOKEN = Pattern.compile(PREFIX + "[0-9a-f]{64}");
    private static final Duration LIFE = Duration.ofMinutes(30);
    private static final int SECRET = 32;

    private static final String CREATE = """
            INSERT INTO connect_session (environment_id, token_hash, terms, connection_id, expires_at)
            VALUES (:environment, :hash, :terms, :connection, :expires)
            """;
    private static final String FIND = """
            SELECT id, environment_id, terms, connection_id, expires_at
              FROM connect_session
             WHERE token_hash = :hash AND expires_at > :now
            """;
    private static final String EXISTS = "SELECT EXISTS (SELECT FROM connect_session WHERE id = :id)";
    private static final String DELETE = "DELETE FROM connect_session WHERE id = :id";
    private static final String REMOVE = """
            DELETE FROM connect_session
             WHERE id IN (SELECT id FROM connect_session WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)
            """;

    private final Database db;
    private final Encryption encryption;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    public ConnectSessions(Database db, Encryption encryption, Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.clock = clock;
    }

    /** The response to the application that creates a session. Only this response contains the token. */
    record Created(String token, Instant expiresAt) {}

    Created create(long environment, ObjectNode terms, OptionalLong connection) {
        var secret = new byte[SECRET];
        random.nextBytes(secret);
        var token = PREFIX + HexFormat.of().formatHex(secret);
        var expiresAt = clock.instant().plus(LIFE);
        db.useHandle(handle -> handle.createUpdate(CREATE)
                .bind("environment", environment)
                .bind("hash", SecretHash.of(token))
                .bind("terms", encryption.seal(Json.text(terms)))
                .bind("connection", connection.isPresent() ? connection.getAsLong() : null)
                .bind("expires", Timestamp.from(expiresAt))
                .execute());
        return new Created(token, expiresAt);
    }

    /**
     * The session of a token.
     *
     * @throws Failure 401 when there is none
     */
    ConnectSession find(String token) {
        if (!TOKEN.matcher(token).matches()) {
            throw new Failure.Typed(
                    401,
                    "invalid_connect_session_token_format",
                    "Authentication failed. The connect session token must be " + PREFIX
                            + " and 64 lower-case hexadecimal digits.");
        }
        return db.withHandle(handle -> handle.createQuery(FIND)
                        .bind("hash", SecretHash.of(token))
                        .bind("now", Timestamp.from(clock.instant()))
                        .map((row, _) -> new ConnectSession(
                                row.getLong("id"),
                                row.getLong("environment_id"),
                                new SessionTerms(Json.parseObject(encryption.openText(row.getBytes("terms")))),
                                optional(row.getObject("connection_id", Long.class)),
                                row.getTimestamp("expires_at").toInstant()))
                        .findOne())
                .orElseThrow(() -> new Failure.Typed(
                        401,
                        "unknown_connect_session_token",
                        "Authentication failed. The connect session does not exist or has expired: create another"
                                + " one."));
    }

    /** Whether a session was not deleted; it may have expired. */
    boolean exists(long id) {
        return db.withHandle(handle ->
                handle.createQuery(EXISTS).bind("id", id).mapTo(Boolean.class).one());
    }

    private static OptionalLong optional(@Nullable Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /** False when it does not exist. */
    boolean delete(ConnectSession session) {
        return db.withHandle(handle ->
                        handle.createUpdate(DELETE).bind("id", session.id()).execute())
                > 0;
    }

    /** Sessions go three days after they have expired. */
    public RetentionRule retention() {
        return new RetentionRule(
                "connect-session-retention",
                new Pace(Duration.ofMillis(200), Duration.ofHours(1)),
                Duration.ofDays(3),
                500,
                this::remove);
    }

    /** Deletes some of those that expired before a time; returns how many. */
    private int remove(Instant before, int limit) {
        return db.withHandle(handle -> handle.createUpdate(REMOVE)
                .bind("before", Timestamp.from(before))
                .bind("limit", limit)
                .execute());
    }
}
