package dev.millrace.server.environment;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The keys that sign webhooks to an environment's app. Thread-safe. */
public final class SigningKeys {
    private static final String CURRENT =
            "SELECT secret FROM signing_key WHERE environment_id = :environment AND retired_at IS NULL";
    private static final String ACTIVE = """
            SELECT secret FROM signing_key
             WHERE environment_id = :environment AND (retired_at IS NULL OR retired_at > :since)
             ORDER BY retired_at DESC NULLS FIRST, id DESC
            """;
    /** How long receivers may go on with a key that was replaced. */
    private static final Duration OVERLAP = Duration.ofHours(24);

    private static final String LOCK = "SELECT 1 FROM environment WHERE id = :environment FOR NO KEY UPDATE";
    private static final String RETIRE = """
            UPDATE signing_key SET retired_at = :now WHERE environment_id = :environment AND retired_at IS NULL
            """;
    private static final String ADD =
            "INSERT INTO signing_key (environment_id, secret, created_at) VALUES (:environment, :secret, :now)";

    /** The encrypted columns of this package. */
    static final SealedColumn SEALED =
            new SealedColumn("signing_key", "secret", List.of(new SealedColumn.Part("id", "bigint")));

    private final Database db;
    private final Encryption encryption;
    private final Clock clock;

    public SigningKeys(Database db, Encryption encryption, Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.clock = clock;
    }

    /** The current key, a UUID v4; created when it is first requested. */
    public String current(long environment) {
        return db.inTransaction(handle -> read(handle, environment).orElseGet(() -> {
            lock(handle, environment);
            return read(handle, environment).orElseGet(() -> add(handle, environment));
        }));
    }

    /** The current key, then those that were replaced less than a day ago, newest first. */
    public List<String> active(long environment) {
        var found = db.withHandle(handle -> handle.createQuery(ACTIVE)
                .bind("environment", environment)
                .bind("since", now().minus(OVERLAP))
                .map((row, _) -> encryption.openText(row.getBytes("secret")))
                .list());
        return found.isEmpty() ? List.of(current(environment)) : found;
    }

    /** Replaces the current key; returns the new one. */
    public String rotate(long environment) {
        return db.inTransaction(handle -> {
            lock(handle, environment);
            handle.createUpdate(RETIRE)
                    .bind("environment", environment)
                    .bind("now", now())
                    .execute();
            return add(handle, environment);
        });
    }

    private Optional<String> read(Handle handle, long environment) {
        return handle.createQuery(CURRENT)
                .bind("environment", environment)
                .map((row, _) -> encryption.openText(row.getBytes("secret")))
                .findOne();
    }

    private static void lock(Handle handle, long environment) {
        handle.createQuery(LOCK)
                .bind("environment", environment)
                .mapTo(Integer.class)
                .one();
    }

    private String add(Handle handle, long environment) {
        var secret = UUID.randomUUID().toString();
        handle.createUpdate(ADD)
                .bind("environment", environment)
                .bind("secret", encryption.seal(secret))
                .bind("now", now())
                .execute();
        return secret;
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }
}
