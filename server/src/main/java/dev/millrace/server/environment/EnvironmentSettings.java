package dev.millrace.server.environment;

import dev.millrace.server.db.Database;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/** The settings of environments; what is stored is only what someone has set. Thread-safe. */
public final class EnvironmentSettings {
    private static final String READ = "SELECT settings::text FROM environment WHERE id = :environment";
    private static final String LOCK = READ + " FOR NO KEY UPDATE";
    private static final String WRITE =
            "UPDATE environment SET settings = settings || :settings::jsonb WHERE id = :environment";
    // A change is obeyed by every process of a cluster this long after, at the latest.
    private static final Duration REMEMBERED = Duration.ofSeconds(2);

    private record Recent(Settings settings, Instant until) {}

    private final Database db;
    private final Clock clock;
    private final Map<Long, Recent> recent = new ConcurrentHashMap<>();

    public EnvironmentSettings(Database db, Clock clock) {
        this.db = db;
        this.clock = clock;
    }

    /** At most two seconds old. */
    public Settings get(long environment) {
        return remembered(environment).orElseGet(() -> remember(environment, read(environment), clock.instant()));
    }

    /** The same for whoever holds a connection of the pool already. */
    public Settings get(Handle handle, long environment) {
        return remembered(environment)
                .orElseGet(() -> remember(environment, read(handle, READ, environment), clock.instant()));
    }

    private Optional<Settings> remembered(long environment) {
        return Optional.ofNullable(recent.get(environment))
                .filter(r -> clock.instant().isBefore(r.until()))
                .map(Recent::settings);
    }

    private Settings remember(long environment, Settings settings, Instant now) {
        recent.put(environment, new Recent(settings, now.plus(REMEMBERED)));
        return settings;
    }

    /** As they are stored at this moment. */
    public Settings read(long environment) {
        return db.withHandle(handle -> read(handle, READ, environment));
    }

    private static Settings read(Handle handle, String query, long environment) {
        var stored = handle.createQuery(query)
                .bind("environment", environment)
                .mapTo(String.class)
                .one();
        return Settings.DEFAULTS.changed(
                Fields.of(Part.BODY, Json.parseObject(stored)).loose());
    }

    /** Changes what the fields name; refuses all of them when one is wrong. */
    Settings change(long environment, Fields fields) {
        var changed = db.inTransaction(handle -> {
            var before = read(handle, LOCK, environment);
            var after = before.changed(fields);
            fields.end();
            var known = before.json();
            var differences = after.json();
            differences.properties().removeIf(e -> e.getValue().equals(known.get(e.getKey())));
            handle.createUpdate(WRITE)
                    .bind("environment", environment)
                    .bind("settings", Json.text(differences))
                    .execute();
            return after;
        });
        return remember(environment, changed, clock.instant());
    }
}
