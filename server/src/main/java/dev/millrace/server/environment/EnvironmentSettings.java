package dev.millrace.server.environment;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** The settings of environments. Only values that somebody has set are stored. Thread-safe. */
public final class EnvironmentSettings {
    private static final String READ = "SELECT settings::text FROM environment WHERE id = :environment";
    private static final String LOCK = READ + " FOR NO KEY UPDATE";
    private static final String WRITE = """
            UPDATE environment SET settings = settings || :settings::jsonb, secrets = coalesce(:secrets, secrets)
             WHERE id = :environment
            """;
    private static final String SECRETS = "SELECT secrets FROM environment WHERE id = :environment";
    // After this time every process of a cluster uses a changed setting.
    private static final Duration REMEMBERED = Duration.ofMillis(900);

    /** The encrypted columns of this package. */
    static final SealedColumn SEALED =
            new SealedColumn("environment", "secrets", List.of(new SealedColumn.Part("id", "bigint")));

    private record Recent(Settings settings, Instant until) {}

    private final Database db;
    private final Encryption encryption;
    private final UrlRule urls;
    private final Clock clock;
    private final Map<Long, Recent> recent = new ConcurrentHashMap<>();

    /** @param urls which URLs are accepted, for webhooks for example */
    public EnvironmentSettings(Database db, Encryption encryption, UrlRule urls, Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.urls = urls;
        this.clock = clock;
    }

    /** At most one second old. */
    public Settings get(long environment) {
        return remembered(environment).orElseGet(() -> remember(environment, read(environment), clock.instant()));
    }

    /** The same for callers that hold a database connection already. */
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

    /** Whether there is such an environment. */
    public boolean exists(long environment) {
        return remembered(environment).isPresent()
                || db.withHandle(handle -> handle.createQuery(READ)
                        .bind("environment", environment)
                        .mapTo(String.class)
                        .findOne()
                        .isPresent());
    }

    /** The stored settings at this moment. */
    public Settings read(long environment) {
        return db.withHandle(handle -> read(handle, READ, environment));
    }

    private static Settings read(Handle handle, String query, long environment) {
        var stored = handle.createQuery(query)
                .bind("environment", environment)
                .mapTo(String.class)
                .one();
        return Settings.DEFAULTS.changed(
                Fields.of(Part.BODY, Json.parseObject(stored)).loose(), UrlRule.NONE);
    }

    /** The stored settings at this moment, with secrets. */
    public SealedSettings sealed(long environment) {
        return db.withHandle(handle -> sealed(handle, environment));
    }

    private SealedSettings sealed(Handle handle, long environment) {
        return handle.createQuery(SECRETS)
                .bind("environment", environment)
                .map((row, _) -> Optional.ofNullable(row.getBytes("secrets")))
                .one()
                .map(bytes -> Fields.of(Part.BODY, Json.parseObject(encryption.openText(bytes))))
                .map(fields -> SealedSettings.DEFAULTS.changed(fields, UrlRule.NONE))
                .orElse(SealedSettings.DEFAULTS);
    }

    /** Refuses changes that {@link #change} would refuse in an environment without settings. */
    void check(ObjectNode changes) {
        var fields = Fields.of(Part.BODY, changes);
        Settings.DEFAULTS.changed(fields, urls);
        SealedSettings.DEFAULTS.changed(fields, urls);
        fields.end();
    }

    /** Changes the settings that the fields name; refuses all of them when one is invalid. */
    public void change(long environment, Fields fields) {
        var changed = db.inTransaction(handle -> {
            var before = read(handle, LOCK, environment);
            var after = before.changed(fields, urls);
            var secrets = sealed(handle, environment);
            var newSecrets = secrets.changed(fields, urls);
            fields.end();
            var known = before.json();
            var differences = after.json();
            differences.properties().removeIf(e -> e.getValue().equals(known.get(e.getKey())));
            handle.createUpdate(WRITE)
                    .bind("environment", environment)
                    .bind("settings", Json.text(differences))
                    .bind("secrets", newSecrets.equals(secrets) ? null : encryption.seal(Json.text(newSecrets.json())))
                    .execute();
            return after;
        });
        remember(environment, changed, clock.instant());
    }
}
