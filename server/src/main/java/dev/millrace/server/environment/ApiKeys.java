package dev.millrace.server.environment;

import dev.millrace.server.db.Database;
import dev.millrace.server.http.Authenticator;
import dev.millrace.server.http.Caller;
import dev.millrace.server.http.Failure;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Array;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Finds the caller by the bearer token of the Authorization header. Thread-safe. */
public final class ApiKeys implements Authenticator {
    private static final Pattern UUID_V4 = Pattern.compile(
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);
    private static final String EVERYTHING = "environment:*";
    // A deleted key is refused by every process of a cluster this long after, at the latest.
    private static final Duration REMEMBERED = Duration.ofSeconds(2);
    private static final int MOST_REMEMBERED = 10_000;

    private static final String BY_HASH = """
            SELECT e.id, e.uuid, e.name, k.display_name, k.scopes
              FROM api_key k JOIN environment e ON e.id = k.environment_id
             WHERE k.hash = :hash AND k.deleted_at IS NULL
            """;

    private record Remembered(Caller caller, Instant until) {}

    private final Database db;
    private final Environments environments;
    private final Map<String, String> environmentBySecret;
    private final Clock clock;
    private final Map<String, Remembered> remembered = new ConcurrentHashMap<>();

    /** @param environmentKeys secrets from environment variables, by environment name */
    public ApiKeys(Database db, Environments environments, Map<String, String> environmentKeys, Clock clock) {
        this.db = db;
        this.environments = environments;
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
                    .map(e -> new Caller(e.id(), e.uuid(), e.name(), "NANGO_SECRET_KEY", Set.of(EVERYTHING)));
        }
        return db.withHandle(handle -> handle.createQuery(BY_HASH)
                .bind("hash", hash(secret))
                .map((row, _) -> new Caller(
                        row.getLong("id"),
                        row.getObject("uuid", java.util.UUID.class),
                        row.getString("name"),
                        row.getString("display_name"),
                        texts(row.getArray("scopes"))))
                .findOne());
    }

    private static Set<String> texts(Array array) throws java.sql.SQLException {
        return Set.of((String[]) array.getArray());
    }

    private static Failure unauthorized(String code, String message) {
        return new Failure.Typed(401, code, message);
    }

    /** Secrets are random 122-bit values, so a plain hash keeps them as safe as a slow one. */
    static byte[] hash(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(secret.toLowerCase(java.util.Locale.ROOT).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
