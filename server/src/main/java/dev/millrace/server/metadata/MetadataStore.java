package dev.millrace.server.metadata;

import dev.millrace.server.http.Json;
import dev.millrace.server.vault.Vault;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** The statements that read and write metadata. Thread-safe. */
final class MetadataStore {
    private static final String SCOPE = """
              FROM integration i JOIN connection c ON c.integration_id = i.id
              LEFT JOIN metadata m ON m.connection_id = c.id
             WHERE i.deleted_at IS NULL AND c.deleted_at IS NULL
            """;
    private static final String READ = """
            SELECT c.id, c.connection_id, c.environment_id, c.integration_id, i.metadata_index,
                   i.metadata_index_generation, m.version, m.body, m.sealed
            """ + SCOPE;
    private static final String BY_PUBLIC_IDS = READ + """
               AND i.environment_id = :environment AND i.unique_key = :integration AND c.connection_id = ANY (:ids)
             ORDER BY c.id
            """;
    private static final String BY_IDS = READ + " AND c.id = ANY (:ids) ORDER BY c.id";
    // The share lock keeps the integration's paths as they are until the new row can be seen (see MetadataIndex).
    private static final String ENSURE = """
            INSERT INTO metadata (connection_id, version, changed_at, actor, index_generation)
            SELECT c.id, 0, :now, '', i.metadata_index_generation
              FROM connection c JOIN integration i ON i.id = c.integration_id
             WHERE c.id = ANY (:ids)
             ORDER BY c.id
               FOR SHARE OF i
            ON CONFLICT (connection_id) DO NOTHING
            """;
    private static final String LOCK =
            "SELECT connection_id FROM metadata WHERE connection_id = ANY (:ids) ORDER BY connection_id FOR UPDATE";
    // One statement: the new version, its history, its message. It does nothing when someone else was first.
    private static final String WRITE = """
            WITH done AS (
              UPDATE metadata
                 SET version = version + 1, body = :body::json, sealed = :sealed, changed_at = :now, actor = :actor
               WHERE connection_id = :id AND version = :version AND index_generation = :generation
              RETURNING connection_id, version, changed_at, actor),
            kept AS (
              INSERT INTO metadata_history (connection_id, version, changed_at, actor, patch, body, sealed)
              SELECT connection_id, version, changed_at, actor, :patch::json, :body::json, :sealedHistory FROM done),
            told AS (
              INSERT INTO metadata_outbox (environment_id, connection_id, version, changed_at, actor, patch, sealed)
              SELECT :environment, connection_id, version, changed_at, actor, :patch::json, :sealedPatch FROM done),
            pruned AS (
              DELETE FROM metadata_history h USING done
               WHERE h.connection_id = done.connection_id
                 AND (h.version <= done.version - :keep OR (:byAge AND h.changed_at < :oldest)))
            """;
    private static final String WRITE_ONLY = WRITE + " SELECT version FROM done";
    private static final String WRITE_INDEXED = WRITE + """
            , unindexed AS (
              DELETE FROM metadata_index x
               USING done, unnest(:removedPaths, :removedDigests) AS gone (path, digest)
               WHERE x.environment_id = :environment AND x.path = gone.path AND x.digest = decode(gone.digest, 'hex')
                 AND x.connection_id = done.connection_id),
            indexed AS (
              INSERT INTO metadata_index (environment_id, path, digest, connection_id)
              SELECT :environment, fresh.path, decode(fresh.digest, 'hex'), done.connection_id
                FROM done, unnest(:addedPaths, :addedDigests) AS fresh (path, digest))
            SELECT version FROM done
            """;

    // Versions past their age cannot be read any more; taking them away can wait until some more have gathered.
    private static final int AGE_IS_LOOKED_AT_EVERY = 16;

    private final Vault vault;
    private final Clock clock;

    MetadataStore(Vault vault, Clock clock) {
        this.vault = vault;
        this.clock = clock;
    }

    /** Those that exist, in the order in which they are locked. */
    List<Row> read(Handle handle, long environment, String integration, List<String> connectionIds) {
        return handle.createQuery(BY_PUBLIC_IDS)
                .bind("environment", environment)
                .bind("integration", integration)
                .bindArray("ids", String.class, connectionIds)
                .map(this::row)
                .list();
    }

    List<Row> read(Handle handle, List<Long> ids) {
        return handle.createQuery(BY_IDS)
                .bindArray("ids", Long.class, ids)
                .map(this::row)
                .list();
    }

    /** Makes sure that each has a row to update. */
    void ensure(Handle handle, List<Long> ids) {
        handle.createUpdate(ENSURE)
                .bindArray("ids", Long.class, ids)
                .bind("now", now())
                .execute();
    }

    /** Keeps everybody else from changing these until the transaction ends. */
    void lock(Handle handle, List<Long> ids) {
        handle.createQuery(LOCK)
                .bindArray("ids", Long.class, ids)
                .mapTo(Long.class)
                .list();
    }

    /** Whether it was written; otherwise the version it was to follow is not the newest any more. */
    boolean write(Handle handle, Next next) {
        var patch = Json.text(next.patch());
        var body = next.text();
        var seal = next.seal() && body != null;
        var query = handle.createQuery(next.index().isEmpty() ? WRITE_ONLY : WRITE_INDEXED)
                .bind("id", next.before().id())
                .bind("environment", next.before().environmentId())
                .bind("version", next.before().version())
                .bind("generation", next.before().indexGeneration())
                .bind("now", now())
                .bind("actor", next.actor().text())
                .bind("keep", next.keep().versions())
                .bind("byAge", next.version() % AGE_IS_LOOKED_AT_EVERY == 0)
                .bind("oldest", Timestamp.from(next.keep().oldest(clock.instant())))
                .bind("body", seal ? null : body)
                .bind("sealed", seal ? seal(body) : null)
                .bind("patch", next.seal() ? null : patch)
                .bind("sealedPatch", next.seal() ? seal(patch) : null)
                .bind("sealedHistory", next.seal() ? seal("{\"patch\":" + patch + ",\"body\":" + body + '}') : null);
        if (!next.index().isEmpty()) {
            var index = next.index();
            query.bindArray("removedPaths", String.class, index.removed().paths())
                    .bindArray("removedDigests", String.class, index.removed().digests())
                    .bindArray("addedPaths", String.class, index.added().paths())
                    .bindArray("addedDigests", String.class, index.added().digests());
        }
        return query.mapTo(Long.class).findOne().isPresent();
    }

    private byte @Nullable [] seal(@Nullable String text) {
        return text == null ? null : vault.seal(text);
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private Row row(ResultSet row, StatementContext context) throws SQLException {
        var version = row.getLong("version");
        boolean stored = !row.wasNull();
        return new Row(
                row.getLong("id"),
                row.getString("connection_id"),
                row.getLong("environment_id"),
                row.getLong("integration_id"),
                texts(row.getArray("metadata_index")),
                row.getInt("metadata_index_generation"),
                stored,
                version,
                text(vault, row.getString("body"), row.getBytes("sealed")));
    }

    private static List<String> texts(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }

    /** What a row holds, in the clear. */
    static Optional<String> text(Vault vault, @Nullable String body, byte @Nullable [] sealed) {
        return sealed == null ? Optional.ofNullable(body) : Optional.of(vault.openText(sealed));
    }
}
