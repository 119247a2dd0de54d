package dev.millrace.server.metadata;

import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rebuilds the index of an integration's connections when its paths change. It holds the lock of the integration's row,
 * so no metadata rows are added meanwhile. It raises the generation of every row that it has indexed, so a write that
 * has read the old paths starts again. Thread-safe.
 */
public final class MetadataIndex {
    private static final int BATCH = 500;
    private static final String CONNECTIONS =
            "SELECT id FROM connection WHERE integration_id = :integration AND deleted_at IS NULL ORDER BY id";
    private static final String LOCK = """
            SELECT connection_id, body, sealed
              FROM metadata
             WHERE connection_id = ANY (:ids)
             ORDER BY connection_id
               FOR UPDATE
            """;
    private static final String FORGET = "DELETE FROM metadata_index WHERE connection_id = ANY (:ids)";
    private static final String ADD = """
            INSERT INTO metadata_index (environment_id, path, digest, connection_id)
            SELECT :environment, path, decode(digest, 'hex'), id
              FROM unnest(:paths, :digests, :ids) AS fresh (path, digest, id)
            """;
    private static final String DONE = """
            UPDATE metadata SET index_generation = :generation WHERE connection_id = ANY (:ids)
            """;

    private final Encryption encryption;
    private final Digests digests;

    public MetadataIndex(Encryption encryption) {
        this.encryption = encryption;
        this.digests = new Digests(encryption);
    }

    private record Stored(long id, Optional<ObjectNode> object) {}

    /** In the transaction that changes the integration's paths. */
    public void declared(Handle handle, long environment, long integration, List<String> paths, int generation) {
        var ids = handle.createQuery(CONNECTIONS)
                .bind("integration", integration)
                .mapTo(Long.class)
                .list();
        for (int from = 0; from < ids.size(); from += BATCH) {
            build(handle, environment, paths, generation, ids.subList(from, Math.min(from + BATCH, ids.size())));
        }
    }

    private void build(Handle handle, long environment, List<String> paths, int generation, List<Long> ids) {
        var rows = handle.createQuery(LOCK)
                .bindArray("ids", Long.class, ids)
                .map((row, _) -> new Stored(
                        row.getLong("connection_id"),
                        MetadataStore.text(encryption, row.getString("body"), row.getBytes("sealed"))
                                .map(Json::parseObject)))
                .list();
        handle.createUpdate(FORGET).bindArray("ids", Long.class, ids).execute();
        add(handle, environment, paths, rows);
        handle.createUpdate(DONE)
                .bind("generation", generation)
                .bindArray("ids", Long.class, ids)
                .execute();
    }

    private void add(Handle handle, long environment, List<String> paths, List<Stored> rows) {
        var owners = new ArrayList<Long>();
        var entries = new ArrayList<IndexEntry>();
        for (var row : rows) {
            for (var entry : digests.of(environment, paths, row.object().orElse(null))) {
                owners.add(row.id());
                entries.add(entry);
            }
        }
        handle.createUpdate(ADD)
                .bind("environment", environment)
                .bindArray(
                        "paths",
                        String.class,
                        entries.stream().map(IndexEntry::path).toList())
                .bindArray(
                        "digests",
                        String.class,
                        entries.stream().map(IndexEntry::digest).toList())
                .bindArray("ids", Long.class, owners)
                .execute();
    }
}
