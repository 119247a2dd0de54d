package dev.millrace.server.environment;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.KeyFile;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.http.Failure;
import java.nio.file.Path;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import org.jspecify.annotations.Nullable;

/** Entry point for environments: creates, lists and deletes them, and creates their first API keys. Thread-safe. */
public final class Environments {
    /** The first environment; its key is printed at the start. */
    public static final String DEFAULT = "dev";

    /** The encrypted columns of this package. */
    public static final List<SealedColumn> SEALED =
            List.of(Variables.SEALED, IssuedKeys.SEALED, SigningKeys.SEALED, EnvironmentSettings.SEALED);

    /** The name that makes an environment a production environment. */
    static final String PRODUCTION = "prod";

    private static final List<String> FIRST = List.of(DEFAULT, PRODUCTION);
    private static final String ACCOUNT = "account";
    private static final int MOST = 100;

    private static final String COLUMNS = "id, uuid, name, is_production";
    private static final String BY_NAME =
            "SELECT " + COLUMNS + " FROM environment WHERE name = :name AND deleted_at IS NULL";
    private static final String BY_ID = "SELECT " + COLUMNS + " FROM environment WHERE id = :id";
    private static final String BY_UUID =
            "SELECT " + COLUMNS + " FROM environment WHERE uuid = :uuid AND deleted_at IS NULL";
    private static final String LIST = "SELECT " + COLUMNS + """
              FROM environment
             WHERE deleted_at IS NULL AND (:name::text IS NULL OR name = :name)
             ORDER BY id
            """;
    private static final String CREATE = """
            INSERT INTO environment (name, is_production) VALUES (:name, :production)
            ON CONFLICT (name) WHERE deleted_at IS NULL DO NOTHING
            RETURNING\s""" + COLUMNS;
    private static final String COUNT = "SELECT count(*) FROM environment";
    private static final String LIVE = COUNT + " WHERE deleted_at IS NULL";
    private static final String DELETE = "UPDATE environment SET deleted_at = :now WHERE id = :id";
    private static final String DELETE_KEYS = """
            UPDATE api_key SET deleted_at = :now, secret = NULL WHERE environment_id = :id AND deleted_at IS NULL
            """;
    private static final String ADD_KEY = """
            INSERT INTO api_key (environment_id, display_name, scopes, hash, secret)
            VALUES (:environment, 'default', :scopes, :hash, :secret)
            ON CONFLICT (hash) DO NOTHING
            """;
    // Two servers may start on an empty database at the same time: the second one waits and finds the environments
    // created.
    private static final String FIRST_START_LOCK = "SELECT pg_advisory_xact_lock(7236011)";

    private final Database db;
    private final Encryption encryption;
    private final Path keys;
    private final Clock clock;
    private final Map<Long, Environment> known = new ConcurrentHashMap<>();

    /** @param keys the folder that stores the first keys */
    public Environments(Database db, Encryption encryption, Path keys, Clock clock) {
        this.clock = clock;
        this.db = db;
        this.encryption = encryption;
        this.keys = keys;
    }

    /** Creates the first environments with one key each, and an account key, unless they exist. */
    public void createFirst() {
        db.useTransaction(handle -> {
            handle.execute(FIRST_START_LOCK);
            if (handle.createQuery(COUNT).mapTo(Long.class).one() == 0) {
                FIRST.forEach(name -> create(handle, name));
                addKey(handle, null, Scopes.WHOLE_ACCOUNT, firstSecret(ACCOUNT));
            }
        });
    }

    private void create(Handle handle, String name) {
        var environment = handle.createQuery(CREATE)
                .bind("name", name)
                .bind("production", name.equals(PRODUCTION))
                .map(ConstructorMapper.of(Environment.class))
                .one();
        addKey(handle, environment.id(), Scopes.WHOLE_ENVIRONMENT, firstSecret(name));
    }

    private String firstSecret(String of) {
        return keyFile(of).write(UUID.randomUUID().toString());
    }

    private void addKey(Handle handle, @Nullable Long environment, String scope, String secret) {
        handle.createUpdate(ADD_KEY)
                .bind("environment", environment)
                .bindArray("scopes", String.class, scope)
                .bind("hash", ApiKeys.hash(secret))
                .bind("secret", encryption.seal(secret))
                .execute();
    }

    /** The first account key, if this data folder stores it. */
    public Optional<String> accountKey() {
        return keyFile(ACCOUNT).read();
    }

    /** The first key of an environment, if this data folder stores it. */
    public Optional<String> firstKey(String environment) {
        return find(environment).flatMap(_ -> keyFile(environment).read());
    }

    private KeyFile keyFile(String environment) {
        return new KeyFile(keys.resolve(environment + ".key"));
    }

    public Optional<Environment> find(String name) {
        return db.withHandle(handle -> handle.createQuery(BY_NAME)
                .bind("name", name)
                .map(ConstructorMapper.of(Environment.class))
                .findOne());
    }

    /** An existing environment; its name and uuid never change. */
    public Environment get(long id) {
        return known.computeIfAbsent(
                id,
                key -> db.withHandle(handle -> handle.createQuery(BY_ID)
                        .bind("id", key)
                        .map(ConstructorMapper.of(Environment.class))
                        .one()));
    }

    /** The ids of all environments. */
    public List<Long> ids() {
        return db.withHandle(handle -> handle.createQuery("SELECT id FROM environment ORDER BY id")
                .mapTo(Long.class)
                .list());
    }

    /** Environments that are not deleted, oldest first. */
    public List<Environment> list() {
        return list(null);
    }

    /** Environments that are not deleted, or the one with a name; oldest first. */
    List<Environment> list(@Nullable String name) {
        return db.withHandle(handle -> handle.createQuery(LIST)
                .bind("name", name)
                .map(ConstructorMapper.of(Environment.class))
                .list());
    }

    /** By the id that is part of the URLs of its webhooks; empty when it was deleted. */
    public Optional<Environment> find(UUID uuid) {
        return db.withHandle(handle -> handle.createQuery(BY_UUID)
                .bind("uuid", uuid)
                .map(ConstructorMapper.of(Environment.class))
                .findOne());
    }

    /** Creates one without keys; fails with 409 when the name is in use. */
    public Environment create(String name, boolean isProduction) {
        return db.inTransaction(handle -> {
            handle.execute(FIRST_START_LOCK);
            if (handle.createQuery(LIVE).mapTo(Integer.class).one() >= MOST) {
                throw Failure.plain(
                        400,
                        "resource_capped",
                        "There are " + MOST + " environments, the most there may be. Delete one first.");
            }
            return handle.createQuery(CREATE)
                    .bind("name", name)
                    .bind("production", isProduction)
                    .map(ConstructorMapper.of(Environment.class))
                    .findOne()
                    .orElseThrow(() ->
                            Failure.plain(409, "conflict", "There is an environment called \"" + name + "\" already."));
        });
    }

    /**
     * Deletes it with its keys. Its name may be used again.
     *
     * @param contents stores a task that deletes its contents, in the same transaction
     */
    public void delete(Environment environment, RemovalHook contents) {
        db.useTransaction(handle -> {
            handle.createUpdate(DELETE)
                    .bind("id", environment.id())
                    .bind("now", now())
                    .execute();
            handle.createUpdate(DELETE_KEYS)
                    .bind("id", environment.id())
                    .bind("now", now())
                    .execute();
            contents.deleted(handle, environment.id());
        });
    }

    /** Called in the transaction that deletes an environment. */
    @FunctionalInterface
    public interface RemovalHook {
        void deleted(Handle handle, long environment);
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }
}
