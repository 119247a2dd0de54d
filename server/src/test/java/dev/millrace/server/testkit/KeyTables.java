package dev.millrace.server.testkit;

import static org.awaitility.Awaitility.await;

import dev.millrace.server.Server;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.encryption.KeyReport;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a database says of its keys, for tests. */
public final class KeyTables implements AutoCloseable {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    public final Database db;

    public KeyTables(String databaseUrl) {
        db = Database.open(new DatabaseConfig(databaseUrl, 4));
    }

    public KeyReport report() {
        return KeyReport.of(db, Server.SEALED);
    }

    /** As {@code 1 UNUSED, 2 SEALS}. */
    public String uses() {
        return report().keys().stream().map(key -> key.id() + " " + key.use()).collect(Collectors.joining(", "));
    }

    public long values(int id) {
        return report().keys().stream()
                .filter(key -> key.id() == id)
                .mapToLong(KeyReport.Key::values)
                .findFirst()
                .orElse(0);
    }

    /** Waits until everything is sealed by this key. */
    void awaitRotation(int id) {
        await().atMost(LONGEST_WAIT)
                .until(() -> KeyReport.rotation(db)
                        .filter(rotation -> rotation.to() == id && rotation.finished())
                        .isPresent());
    }

    public void awaitUses(String uses) {
        await().atMost(LONGEST_WAIT).until(() -> uses().equals(uses));
    }

    public List<String> texts(String sql) {
        return db.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    /** How many rows there are, of a table and condition. */
    public long count(String of) {
        return Long.parseLong(texts("SELECT count(*)::text FROM " + of).getFirst());
    }

    /** Adds an API key with one scope; an account key when there is no environment. */
    public String addKey(@Nullable Long environment, String scope) {
        var secret = UUID.randomUUID().toString();
        db.useHandle(handle -> handle.createUpdate("""
                        INSERT INTO api_key (environment_id, display_name, scopes, hash)
                        VALUES (:environment, :name, ARRAY[:scope], sha256(:secret::text::bytea))
                        """)
                .bind("environment", environment)
                .bind("name", scope + secret)
                .bind("scope", scope)
                .bind("secret", secret)
                .execute());
        return secret;
    }

    public int execute(String sql) {
        return db.withHandle(handle -> handle.createUpdate(sql).execute());
    }

    @Override
    public void close() {
        db.close();
    }
}
