package dev.millrace.server.metadata;

import dev.millrace.server.db.Sql;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Json;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
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
    private static final Sql BY_PUBLIC_ID = Sql.of(READ + """
               AND i.environment_id = :environment AND i.unique_key = :integration AND c.connection_id = :connection
            """);
    private static final String BY_PUBLIC_IDS = READ + """
               AND i.environment_id = :environment AND i.unique_key = :integration AND c.connection_id = ANY (:ids)
             ORDER BY c.id
            """;
    private static final String BY_IDS = READ + " AND c.id = ANY (:ids) ORDER BY c.id";
    // The share lock keeps the integration's paths unchanged until the new row is visible (see MetadataIndex).
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
    // One statement stores the new version and its history. It changes nothing when another write was faster.
    private static final String WRITE = """
            WITH done AS (
              UPDATE metadata
                 SET version = version + 1, body = :body::json, sealed = :sealed::bytea, changed_at = :now, actor = :actor
               WHERE connection_id = :id AND version = :version AND index_generation = :generation
              RETURNING connection_id, version, changed_at, actor),
            kept AS (
              INSERT INTO metadata_history (connection_id, version, changed_at, actor, patch, body, sealed)
              SELECT connection_id, version, changed_at, actor, :patch::json, :body::json, :sealedHistory::bytea FROM done),
            pruned AS (
              DELETE FROM metadata_history h USING done
               WHERE h.connection_id = done.connection_id
                 AND (h.version <= done.version - :keep OR (:byAge::boolean AND h.changed_at < :oldest)))
            """;
    private static final Sql WRITE_ONLY = Sql.of(WRITE + " SELECT version FROM done");
    private static final Sql WRITE_INDEXED = Sql.of(WRITE + """
            , unindexed AS (
              DELETE FROM metadata_index x
               USING done, unnest(:removedPaths::text[], :removedDigests::text[]) AS gone (path, digest)
               WHERE x.environment_id = :environment AND x.path = gone.path AND x.digest = decode(gone.digest, 'hex')
                 AND x.connection_id = done.connection_id),
            indexed AS (
              INSERT INTO metadata_index (environment_id, path, digest, connection_id)
              SELECT :environment::bigint, fresh.path, decode(fresh.digest, 'hex'), done.connection_id
                FROM done, unnest(:addedPaths::text[], :addedDigests::text[]) AS fresh (path, digest))
            SELECT version FROM done
            """);

    // Versions past their age cannot be read any more, so deleting them can wait until there are more.
    private static final int AGE_IS_LOOKED_AT_EVERY = 16;

    private final Encryption encryption;
    private final Clock clock;

    MetadataStore(Encryption encryption, Clock clock) {
        this.encryption = encryption;
        this.clock = clock;
    }

    Optional<Row> read(Handle handle, Address address) {
        return BY_PUBLIC_ID.first(
                handle,
                parameters -> parameters
                        .set("environment", address.environment())
                        .set("integration", address.integration())
                        .set("connection", address.connectionId()),
                this::row);
    }

    /** Those that exist, in the order in which they are locked. */
    List<Row> read(Handle handle, long environment, String integration, List<String> connectionIds) {
        return handle.createQuery(BY_PUBLIC_IDS)
                .bind("environment", environment)
                .bind("integration", integration)
                .bindArray("ids", String.class, connectionIds)
                .map((row, _) -> row(row))
                .list();
    }

    List<Row> read(Handle handle, List<Long> ids) {
        return handle.createQuery(BY_IDS)
                .bindArray("ids", Long.class, ids)
                .map((row, _) -> row(row))
                .list();
    }

    /** Makes sure that each connection has a row to update. */
    void ensure(Handle handle, List<Long> ids) {
        handle.createUpdate(ENSURE)
                .bindArray("ids", Long.class, ids)
                .bind("now", now())
                .execute();
    }

    /** Locks these rows until the transaction ends. */
    void lock(Handle handle, List<Long> ids) {
        handle.createQuery(LOCK)
                .bindArray("ids", Long.class, ids)
                .mapTo(Long.class)
                .list();
    }

    /** Whether it was written; false when the stored version is no longer the one that it follows. */
    boolean write(Handle handle, Next next) {
        var patch = Json.text(next.patch());
        var body = next.text();
        var seal = next.seal() && body != null;
        var statement = next.index().isEmpty() ? WRITE_ONLY : WRITE_INDEXED;
        return statement
                .first(
                        handle,
                        parameters -> {
                            parameters
                                    .set("id", next.before().id())
                                    .set("version", next.before().version())
                                    .set("generation", next.before().indexGeneration())
                                    .set("now", now())
                                    .set("actor", next.actor().text())
                                    .set("keep", next.keep().versions())
                                    .set("byAge", next.version() % AGE_IS_LOOKED_AT_EVERY == 0)
                                    .set("oldest", Timestamp.from(next.keep().oldest(clock.instant())))
                                    .set("body", seal ? null : body)
                                    .set("sealed", seal ? seal(body) : null)
                                    .set("patch", next.seal() ? null : patch)
                                    .set("sealedHistory", next.seal() ? seal(history(patch, body)) : null);
                            if (!next.index().isEmpty()) {
                                parameters.set("environment", next.before().environmentId());
                                set(parameters, next.index());
                            }
                        },
                        row -> row.getLong("version"))
                .isPresent();
    }

    private static String history(String patch, @Nullable String body) {
        return "{\"patch\":" + patch + ",\"body\":" + body + '}';
    }

    private static void set(Sql.Parameters parameters, IndexChange index) throws SQLException {
        parameters
                .array("removedPaths", "text", index.removed().paths().toArray())
                .array("removedDigests", "text", index.removed().digests().toArray())
                .array("addedPaths", "text", index.added().paths().toArray())
                .array("addedDigests", "text", index.added().digests().toArray());
    }

    private byte @Nullable [] seal(@Nullable String text) {
        return text == null ? null : encryption.seal(text);
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private Row row(ResultSet row) throws SQLException {
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
                text(encryption, row.getString("body"), row.getBytes("sealed")));
    }

    private static List<String> texts(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }

    /** The decrypted contents of a row. */
    static Optional<String> text(Encryption encryption, @Nullable String body, byte @Nullable [] sealed) {
        return sealed == null ? Optional.ofNullable(body) : Optional.of(encryption.openText(sealed));
    }
}
