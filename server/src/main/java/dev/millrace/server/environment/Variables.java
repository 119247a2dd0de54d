package dev.millrace.server.environment;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.http.Json;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;

/** The variables of environments: read by functions, stored encrypted, never logged. Thread-safe. */
public final class Variables {
    private static final String ALL = """
            SELECT name, value FROM environment_variable WHERE environment_id = :environment ORDER BY name
            """;
    private static final String SET = """
            INSERT INTO environment_variable (environment_id, name, value)
            VALUES (:environment, :name, :value)
            ON CONFLICT (environment_id, name) DO UPDATE SET value = excluded.value
            """;
    private static final String REMOVE =
            "DELETE FROM environment_variable WHERE environment_id = :environment AND name = :name";
    private static final String CLEAR = "DELETE FROM environment_variable WHERE environment_id = :environment";

    /** Writes of one environment are serialised, so that of two complete replacements one takes effect as a whole. */
    private static final String LOCK = "SELECT 1 FROM environment WHERE id = :environment FOR NO KEY UPDATE";

    /** The encrypted columns of this package. */
    static final SealedColumn SEALED = new SealedColumn(
            "environment_variable",
            "value",
            List.of(new SealedColumn.Part("environment_id", "bigint"), new SealedColumn.Part("name", "text")));

    private static final Duration REMEMBERED = Duration.ofMillis(900);

    private record Recent(Map<String, String> values, Instant until) {}

    private final Database db;
    private final Encryption encryption;

    private final Clock clock;
    private final Map<Long, Recent> recent = new ConcurrentHashMap<>();

    public Variables(Database db, Encryption encryption, Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.clock = clock;
    }

    /** The value of one variable; at most one second old. */
    public Optional<String> value(long environment, String name) {
        var now = clock.instant();
        var read = recent.get(environment);
        if (read == null || now.isAfter(read.until())) {
            var values = new HashMap<String, String>();
            list(environment)
                    .forEach(v -> values.put(
                            v.path("name").asString(""), v.path("value").asString("")));
            read = new Recent(values, now.plus(REMEMBERED));
            recent.put(environment, read);
        }
        return Optional.ofNullable(read.values().get(name));
    }

    /** {@code [{name, value}]} by name, the format of functions and the API. */
    public ArrayNode list(long environment) {
        return db.withHandle(handle -> list(handle, environment));
    }

    private ArrayNode list(Handle handle, long environment) {
        var list = Json.array();
        handle.createQuery(ALL)
                .bind("environment", environment)
                .map((row, _) -> Json.object()
                        .put("name", row.getString("name"))
                        .put("value", encryption.openText(row.getBytes("value"))))
                .forEach(list::add);
        return list;
    }

    /** Replaces all variables; returns them. */
    ArrayNode replace(long environment, Map<String, Optional<String>> values) {
        return db.inTransaction(handle -> {
            lock(handle, environment);
            handle.createUpdate(CLEAR).bind("environment", environment).execute();
            return write(handle, environment, values);
        });
    }

    /** Sets the variables that have a value and removes the others; returns all variables. */
    public ArrayNode change(long environment, Map<String, Optional<String>> values) {
        return db.inTransaction(handle -> {
            lock(handle, environment);
            return write(handle, environment, values);
        });
    }

    private static void lock(Handle handle, long environment) {
        handle.createQuery(LOCK)
                .bind("environment", environment)
                .mapTo(Integer.class)
                .one();
    }

    private ArrayNode write(Handle handle, long environment, Map<String, Optional<String>> values) {
        values.forEach((name, value) -> {
            var statement = handle.createUpdate(value.isPresent() ? SET : REMOVE)
                    .bind("environment", environment)
                    .bind("name", name);
            value.ifPresent(text -> statement.bind("value", encryption.seal(text)));
            statement.execute();
        });
        return list(handle, environment);
    }
}
