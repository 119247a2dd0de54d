package dev.millrace.server.environment;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.http.Failure;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Creates, lists, shows and deletes the API keys of environments. Thread-safe. */
public final class IssuedKeys {
    /** The maximum number of keys per environment. */
    static final int MOST = 50;

    private static final String COLUMNS = "id, uuid, display_name, scopes, created_at, last_used_at";
    private static final String LIST = "SELECT " + COLUMNS + """
              FROM api_key
             WHERE environment_id = :environment AND deleted_at IS NULL
               AND (:name::text IS NULL OR display_name = :name)
             ORDER BY id
            """;
    private static final String READ = "SELECT " + COLUMNS + """
            , secret
              FROM api_key
             WHERE environment_id = :environment AND uuid = :uuid AND deleted_at IS NULL
            """;
    private static final String COUNT =
            "SELECT count(*) FROM api_key WHERE environment_id = :environment AND deleted_at IS NULL";
    private static final String LOCK =
            "SELECT 1 FROM environment WHERE id = :environment AND deleted_at IS NULL FOR NO KEY UPDATE";
    private static final String ADD = """
            INSERT INTO api_key (environment_id, display_name, scopes, hash, secret, created_at)
            VALUES (:environment, :name, :scopes, :hash, :secret, :now)
            ON CONFLICT (environment_id, display_name) WHERE deleted_at IS NULL DO NOTHING
            RETURNING\s""" + COLUMNS;
    private static final String DELETE = """
            UPDATE api_key SET deleted_at = :now, secret = NULL
             WHERE environment_id = :environment AND uuid = :uuid AND deleted_at IS NULL
            """;

    /** The encrypted columns of this package. */
    static final SealedColumn SEALED =
            new SealedColumn("api_key", "secret", List.of(new SealedColumn.Part("id", "bigint")));

    private final Database db;
    private final Encryption encryption;
    private final Clock clock;

    public IssuedKeys(Database db, Encryption encryption, Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.clock = clock;
    }

    /** A key without its secret. */
    public record Key(
            long id,
            UUID uuid,
            String displayName,
            List<String> scopes,
            Instant createdAt,
            Optional<Instant> lastUsed) {
        public Key {
            scopes = List.copyOf(scopes);
        }
    }

    /** A key with its secret. */
    public record Shown(Key key, String secret) {}

    /** Creates a key; fails with 409 when the name is in use, with 400 when there are too many keys. */
    public Shown create(long environment, String name, List<String> scopes) {
        var secret = UUID.randomUUID().toString();
        return db.inTransaction(handle -> {
            if (query(handle, LOCK, environment).mapTo(Integer.class).findOne().isEmpty()) {
                throw unknown();
            }
            if (query(handle, COUNT, environment).mapTo(Integer.class).one() >= MOST) {
                throw Failure.plain(
                        400,
                        "resource_capped",
                        "This environment has " + MOST + " API keys, the most it may have. Delete one first.");
            }
            var key = query(handle, ADD, environment)
                    .bind("name", name)
                    .bindArray("scopes", String.class, scopes)
                    .bind("hash", ApiKeys.hash(secret))
                    .bind("secret", encryption.seal(secret))
                    .bind("now", now())
                    .map((row, _) -> read(row))
                    .findOne()
                    .orElseThrow(() -> Failure.plain(
                            409, "conflict", "This environment has an API key called \"" + name + "\" already."));
            return new Shown(key, secret);
        });
    }

    private static Query query(Handle handle, String sql, long environment) {
        return handle.createQuery(sql).bind("environment", environment);
    }

    /** Oldest first. */
    public List<Key> list(long environment) {
        return list(environment, null);
    }

    /** Oldest first; all, or the one of a name. */
    List<Key> list(long environment, @Nullable String displayName) {
        return db.withHandle(handle -> query(handle, LIST, environment)
                .bind("name", displayName)
                .map((row, _) -> read(row))
                .list());
    }

    Optional<Shown> find(long environment, UUID uuid) {
        return db.withHandle(handle -> query(handle, READ, environment)
                .bind("uuid", uuid)
                .map((row, _) -> new Shown(read(row), encryption.openText(row.getBytes("secret"))))
                .findOne());
    }

    /** Deletes a key. No server accepts it after one second. Returns whether it existed. */
    public boolean delete(long environment, UUID uuid) {
        return db.withHandle(handle -> handle.createUpdate(DELETE)
                        .bind("environment", environment)
                        .bind("uuid", uuid)
                        .bind("now", now())
                        .execute())
                > 0;
    }

    static Failure unknown() {
        return Failure.plain(404, "not_found", "There is no such environment or API key.");
    }

    private static Key read(ResultSet row) throws SQLException {
        return new Key(
                row.getLong("id"),
                row.getObject("uuid", UUID.class),
                row.getString("display_name"),
                List.of((String[]) row.getArray("scopes").getArray()),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                Optional.ofNullable(row.getObject("last_used_at", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant));
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }
}
