package dev.millrace.server.connect;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.encryption.SecretHash;
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
import java.util.Optional;

/** Stores authorisations in progress by their state. Each can be taken once, by any server. Thread-safe. */
public final class AuthFlows {
    /** The encrypted columns of this package. */
    public static final List<SealedColumn> SEALED =
            List.of(new SealedColumn("auth_flow", "flow", List.of(new SealedColumn.Part("id", "bigint"))));

    /** Time limit for an authorisation. */
    static final Duration LIFE = Duration.ofHours(1);

    private static final int SECRET = 16;

    private static final String CREATE = """
            INSERT INTO auth_flow (environment_id, state_hash, flow, expires_at)
            VALUES (:environment, :hash, :flow, :expires)
            """;
    private static final String TAKE = """
            DELETE FROM auth_flow WHERE state_hash = :hash RETURNING environment_id, flow, expires_at > :now AS alive
            """;
    private static final String REMOVE = """
            DELETE FROM auth_flow
             WHERE id IN (SELECT id FROM auth_flow WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)
            """;

    private final Database db;
    private final Encryption encryption;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    public AuthFlows(Database db, Encryption encryption, Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.clock = clock;
    }

    /** 128 random bits as hexadecimal digits. */
    String newState() {
        var bytes = new byte[SECRET];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    void store(String state, AuthFlow flow) {
        db.useHandle(handle -> handle.createUpdate(CREATE)
                .bind("environment", flow.environmentId())
                .bind("hash", SecretHash.of(state))
                .bind("flow", encryption.seal(Json.text(flow.json())))
                .bind("expires", Timestamp.from(clock.instant().plus(LIFE)))
                .execute());
    }

    /** Takes the authorisation of a state. The state cannot be used again. */
    Optional<AuthFlow> take(String state) {
        return db.withHandle(handle -> handle.createQuery(TAKE)
                .bind("hash", SecretHash.of(state))
                .bind("now", Timestamp.from(clock.instant()))
                .map((row, _) -> row.getBoolean("alive")
                        ? Optional.of(AuthFlow.parse(
                                row.getLong("environment_id"),
                                Json.parseObject(encryption.openText(row.getBytes("flow")))))
                        : Optional.<AuthFlow>empty())
                .findOne()
                .flatMap(found -> found));
    }

    /** Authorisations that nobody finished go three days after they have expired. */
    public RetentionRule retention() {
        return new RetentionRule(
                "auth-flow-retention",
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
