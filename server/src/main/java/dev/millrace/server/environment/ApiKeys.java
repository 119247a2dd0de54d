package dev.millrace.server.environment;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.SecretHash;
import dev.millrace.server.http.Authenticator;
import dev.millrace.server.http.Caller;
import dev.millrace.server.http.Failure;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Authenticates callers by the bearer token of the Authorization header. Thread-safe. */
public final class ApiKeys implements Authenticator {
    private static final Pattern UUID_V4 = Pattern.compile(
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);
    // After this time every process of a cluster refuses a deleted key.
    private static final String GIVEN_ACCOUNT_KEY = "MILLRACE_ACCOUNT_KEY";
    private static final Duration REMEMBERED = Duration.ofMillis(900);
    private static final int MOST_REMEMBERED = 10_000;

    private static final String BY_HASH = """
            SELECT e.id, e.uuid, e.name, k.display_name, k.scopes
              FROM api_key k LEFT JOIN environment e ON e.id = k.environment_id
             WHERE k.hash = :hash AND k.deleted_at IS NULL AND e.deleted_at IS NULL
            """;
    /** The last use is stored by the minute: a write for every request would cost too much. */
    private static final String USED = """
            UPDATE api_key SET last_used_at = :now
             WHERE hash = :hash AND (last_used_at IS NULL OR last_used_at < :now::timestamptz - interval '1 minute')
            """;

    private record Remembered(Caller caller, Instant until) {}

    private final Database db;
    private final Environments environments;
    private final Map<String, String> environmentBySecret;
    private final Optional<String> accountKey;
    private final Clock clock;
    private final Map<String, Remembered> remembered = new ConcurrentHashMap<>();

    /**
     * @param environmentKeys keys that the operator configures, by environment name
     * @param accountKey the account key that the operator configures
     */
    public ApiKeys(
            Database db,
            Environments environments,
            Map<String, String> environmentKeys,
            Optional<String> accountKey,
            Clock clock) {
        this.db = db;
        this.environments = environments;
        this.accountKey = accountKey;
        this.clock = clock;
        this.environmentBySecret = new ConcurrentHashMap<>();
        environmentKeys.forEach((name, secret) -> environmentBySecret.put(secret, name));
    }

    @Override
    public Caller authenticate(Optional<String> authorization) {
        var header = authorization.orElseThrow(() -> unauthorized(
                "missing_auth_header", "Authentication failed. The request is missing the Authorization header."));
        var secret = header.substring(header.lastIndexOf("Bearer ") < 0 ? 0 : header.lastIndexOf("Bearer ") + 7);
        if (secret.isEmpty()) {
            throw unauthorized(
                    "malformed_auth_header", "Authentication failed. The Authorization header is malformed.");
        }
        if (!UUID_V4.matcher(secret).matches()) {
            throw unauthorized(
                    "invalid_secret_key_format", "Authentication failed. The provided secret key is not a UUID v4.");
        }
        var now = clock.instant();
        var known = remembered.get(secret);
        if (known != null && now.isBefore(known.until())) {
            return known.caller();
        }
        var caller = find(secret)
                .orElseThrow(() -> unauthorized(
                        "unknown_account",
                        "Authentication failed. The provided authorization header does not match any account."));
        if (remembered.size() >= MOST_REMEMBERED) {
            remembered.clear();
        }
        remembered.put(secret, new Remembered(caller, now.plus(REMEMBERED)));
        return caller;
    }

    private Optional<Caller> find(String secret) {
        var byEnvironment = environmentBySecret.get(secret);
        if (byEnvironment != null) {
            return environments
                    .find(byEnvironment)
                    .map(e -> new Caller(
                            e.id(), e.uuid(), e.name(), "NANGO_SECRET_KEY", Set.of(Scopes.WHOLE_ENVIRONMENT)));
        }
        if (accountKey.filter(secret::equalsIgnoreCase).isPresent()) {
            return Optional.of(Caller.ofAccount(GIVEN_ACCOUNT_KEY, Set.of(Scopes.WHOLE_ACCOUNT)));
        }
        var hash = hash(secret);
        return db.withHandle(handle -> {
            var caller = handle.createQuery(BY_HASH)
                    .bind("hash", hash)
                    .map((row, _) -> caller(row))
                    .findOne();
            if (caller.isPresent()) {
                handle.createUpdate(USED)
                        .bind("hash", hash)
                        .bind("now", clock.instant().atOffset(ZoneOffset.UTC))
                        .execute();
            }
            return caller;
        });
    }

    private static Caller caller(ResultSet row) throws SQLException {
        var name = row.getString("display_name");
        var scopes = texts(row.getArray("scopes"));
        long environment = row.getLong("id");
        return row.wasNull()
                ? Caller.ofAccount(name, scopes)
                : new Caller(
                        environment, row.getObject("uuid", java.util.UUID.class), row.getString("name"), name, scopes);
    }

    private static Set<String> texts(Array array) throws SQLException {
        return Set.of((String[]) array.getArray());
    }

    private static Failure unauthorized(String code, String message) {
        return new Failure.Typed(401, code, message);
    }

    /** Keys are UUIDs, which may be written in upper or lower case. */
    static byte[] hash(String secret) {
        return SecretHash.of(secret.toLowerCase(Locale.ROOT));
    }
}
