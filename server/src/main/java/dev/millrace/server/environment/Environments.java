package dev.millrace.server.environment;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.KeyFile;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.http.Json;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import tools.jackson.databind.node.ArrayNode;

/** Entry point for environments: their first keys and their variables. Thread-safe. */
public final class Environments {
    /** Where a newcomer starts; its key is printed at start. */
    public static final String DEFAULT = "dev";

    /** What is encrypted here. */
    public static final List<SealedColumn> SEALED = List.of(new SealedColumn(
            "environment_variable",
            "value",
            List.of(new SealedColumn.Part("environment_id", "bigint"), new SealedColumn.Part("name", "text"))));

    private static final List<String> FIRST = List.of(DEFAULT, "prod");

    private static final String BY_NAME = "SELECT id, uuid, name FROM environment WHERE name = :name";
    private static final String BY_ID = "SELECT id, uuid, name FROM environment WHERE id = :id";
    private static final String CREATE = "INSERT INTO environment (name) VALUES (:name)";
    private static final String COUNT = "SELECT count(*) FROM environment";
    private static final String ADD_KEY = """
            INSERT INTO api_key (environment_id, display_name, scopes, hash)
            SELECT id, 'default', ARRAY['environment:*'], :hash FROM environment WHERE name = :name
            """;
    private static final String VARIABLES = """
            SELECT name, value FROM environment_variable WHERE environment_id = :environment ORDER BY name
            """;
    private static final String SET_VARIABLE = """
            INSERT INTO environment_variable (environment_id, name, value)
            VALUES (:environment, :name, :value)
            ON CONFLICT (environment_id, name) DO UPDATE SET value = excluded.value
            """;
    // Two servers may meet an empty database at once: the second waits and finds the work done.
    private static final String FIRST_START_LOCK = "SELECT pg_advisory_xact_lock(7236011)";

    private static final Duration REMEMBERED = Duration.ofSeconds(5);

    private record Recent(Map<String, String> values, Instant at) {}

    private final Database db;
    private final Encryption encryption;
    private final Path keys;
    private final Clock clock;
    private final Map<Long, Recent> recent = new ConcurrentHashMap<>();
    private final Map<Long, Environment> known = new ConcurrentHashMap<>();

    /** @param keys the folder that keeps the secrets of the first keys */
    public Environments(Database db, Encryption encryption, Path keys, Clock clock) {
        this.clock = clock;
        this.db = db;
        this.encryption = encryption;
        this.keys = keys;
    }

    /** Creates the first environments, each with one key, when there are none. */
    public void createFirst() {
        db.useTransaction(handle -> {
            handle.execute(FIRST_START_LOCK);
            if (handle.createQuery(COUNT).mapTo(Long.class).one() == 0) {
                FIRST.forEach(name -> create(handle, name));
            }
        });
    }

    private void create(Handle handle, String name) {
        handle.createUpdate(CREATE).bind("name", name).execute();
        var secret = keyFile(name).write(UUID.randomUUID().toString());
        handle.createUpdate(ADD_KEY)
                .bind("name", name)
                .bind("hash", ApiKeys.hash(secret))
                .execute();
    }

    /** The secret of an environment's first key, if this data folder keeps it. */
    public Optional<String> firstKey(String environment) {
        return keyFile(environment).read();
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

    /** An environment that exists; neither its name nor its uuid ever changes. */
    public Environment get(long id) {
        return known.computeIfAbsent(
                id,
                key -> db.withHandle(handle -> handle.createQuery(BY_ID)
                        .bind("id", key)
                        .map(ConstructorMapper.of(Environment.class))
                        .one()));
    }

    /** Of all environments. */
    public List<Long> ids() {
        return db.withHandle(handle -> handle.createQuery("SELECT id FROM environment ORDER BY id")
                .mapTo(Long.class)
                .list());
    }

    /** {@code [{name, value}]}, as functions and the API get them. */
    public ArrayNode variables(long environment) {
        var list = Json.array();
        db.useHandle(handle -> handle.createQuery(VARIABLES)
                .bind("environment", environment)
                .map((row, _) -> Json.object()
                        .put("name", row.getString("name"))
                        .put("value", encryption.openText(row.getBytes("value"))))
                .forEach(list::add));
        return list;
    }

    /** One variable's value; at most a few seconds old. */
    public Optional<String> variable(long environment, String name) {
        var now = clock.instant();
        var read = recent.get(environment);
        if (read == null || read.at().plus(REMEMBERED).isBefore(now)) {
            var values = new HashMap<String, String>();
            variables(environment)
                    .forEach(v -> values.put(
                            v.path("name").asString(""), v.path("value").asString("")));
            read = new Recent(values, now);
            recent.put(environment, read);
        }
        return Optional.ofNullable(read.values().get(name));
    }

    public void setVariable(long environment, String name, String value) {
        db.useHandle(handle -> handle.createUpdate(SET_VARIABLE)
                .bind("environment", environment)
                .bind("name", name)
                .bind("value", encryption.seal(value))
                .execute());
    }
}
