package dev.millrace.server.connection;

import dev.millrace.server.credential.AuthFailure;
import dev.millrace.server.credential.CredentialStore;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.credential.StoredCredentials;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the credentials of stored connections, for the package that renews them. Thread-safe once connected.
 */
public final class ConnectionCredentials implements CredentialStore {
    private static final String SELECT = """
            SELECT c.id, c.environment_id, i.unique_key, c.connection_id, i.provider, c.credentials,
                   c.connection_config::text, c.credentials_version, c.auth_failure::text
              FROM connection c JOIN integration i ON i.id = c.integration_id
            """;
    private static final Sql READ = Sql.of(SELECT + " WHERE c.id = :id AND c.deleted_at IS NULL");
    private static final String IDLE = SELECT + """
             WHERE c.id > :after AND c.deleted_at IS NULL AND i.deleted_at IS NULL
               AND (c.last_fetched_at IS NULL OR c.last_fetched_at < :since)
               AND (c.auth_failure IS NULL OR c.auth_failure ->> 'exhausted' = 'false')
             ORDER BY c.id
             LIMIT :limit
            """;
    private static final Sql SAVE = Sql.of("""
            WITH before AS (
              SELECT id, auth_failure IS NOT NULL AS failed
                FROM connection
               WHERE id = :id AND credentials_version = :version AND deleted_at IS NULL
                 FOR NO KEY UPDATE)
            UPDATE connection c
               SET credentials = :credentials, credentials_version = credentials_version + 1, auth_failure = NULL,
                   updated_at = now()
              FROM before
             WHERE c.id = before.id
            RETURNING before.failed
            """);
    private static final Sql FAIL = Sql.of("""
            UPDATE connection SET auth_failure = :failure::jsonb
             WHERE id = :id AND credentials_version = :version AND deleted_at IS NULL
            """);
    private static final Sql FETCHED = Sql.of("UPDATE connection SET last_fetched_at = :now WHERE id = :id");

    private final Database db;
    private final Encryption encryption;
    private final Clock clock;
    private @Nullable CredentialHooks hooks;

    public ConnectionCredentials(Database db, Encryption encryption, Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.clock = clock;
    }

    /** Sets the hooks that are told of failures and recoveries. To be called before anything is renewed. */
    public void connect(CredentialHooks told) {
        hooks = told;
    }

    private CredentialHooks hooks() {
        if (hooks == null) {
            throw new IllegalStateException("nobody is connected");
        }
        return hooks;
    }

    @Override
    public Optional<StoredCredentials> read(long connection) {
        return db.first(READ, p -> p.set("id", connection), this::read);
    }

    @Override
    public boolean save(StoredCredentials before, Credentials fresh) {
        var sealed = encryption.seal(Json.text(fresh.json()));
        return db.inTransaction(handle -> {
            var failed = SAVE.first(
                    handle,
                    p -> p.set("id", before.connection())
                            .set("version", before.version())
                            .set("credentials", sealed),
                    row -> row.getBoolean("failed"));
            if (failed.orElse(false)) {
                hooks().refreshed(handle, before.connection());
            }
            return failed.isPresent();
        });
    }

    @Override
    public void recovered(StoredCredentials before) {
        db.useTransaction(handle -> hooks().recovered(handle, before.connection()));
    }

    /**
     * Pauses what needs the credentials. An outage of the provider does not, nor does a failure while the token is
     * still valid.
     */
    @Override
    public boolean fail(StoredCredentials before, AuthFailure failure) {
        return db.inTransaction(handle -> {
            boolean noted = fail(handle, before, failure);
            if (noted) {
                hooks().refreshFailed(handle, before.connection(), failure);
            }
            return noted;
        });
    }

    /** Notes it in a transaction, of something else than an attempt to renew them. */
    public boolean fail(Handle handle, StoredCredentials before, AuthFailure failure) {
        boolean noted = FAIL.update(
                        handle,
                        p -> p.set("id", before.connection())
                                .set("version", before.version())
                                .set("failure", Json.text(failure.json())))
                > 0;
        if (noted && failure.stops()) {
            hooks().failed(handle, before.connection());
        }
        return noted;
    }

    @Override
    public List<StoredCredentials> idle(Instant since, long after, int limit) {
        return db.withHandle(handle -> handle.createQuery(IDLE)
                .bind("since", Timestamp.from(since))
                .bind("after", after)
                .bind("limit", limit)
                .map((row, _) -> read(row))
                .list());
    }

    @Override
    public void fetched(long connection) {
        db.update(FETCHED, p -> p.set("id", connection).set("now", Timestamp.from(clock.instant())));
    }

    @Override
    public void resumeRecovered() {
        hooks().resumeRecovered();
    }

    private StoredCredentials read(ResultSet row) throws SQLException {
        return new StoredCredentials(
                row.getLong("id"),
                row.getLong("environment_id"),
                row.getString("unique_key"),
                row.getString("connection_id"),
                row.getString("provider"),
                Credentials.parse(encryption.openText(row.getBytes("credentials"))),
                Json.parseObject(row.getString("connection_config")),
                row.getLong("credentials_version"),
                Optional.ofNullable(row.getString("auth_failure")).map(AuthFailure::parse));
    }
}
