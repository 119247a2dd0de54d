package dev.millrace.server.cluster;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The table of servers: one row for each running server, written by that server. Thread-safe. */
final class ServerStore {
    private static final Sql LIVE = Sql.of("""
            INSERT INTO server (process, node, version, published, started_at, seen_at)
            VALUES (:process, :node, :version, :published::jsonb, coalesce(:started, now()), now())
            ON CONFLICT (process) DO UPDATE SET seen_at = excluded.seen_at, published = excluded.published
            RETURNING started_at, (SELECT count(*) FROM server WHERE seen_at < now() - interval '10 seconds') AS silent
            """);
    private static final String REMOVE_SILENT = """
            DELETE FROM server
             WHERE seen_at < now() - interval '10 seconds' AND process <> :process
            RETURNING node, process
            """;
    private static final String REMOVE_EARLIER = """
            DELETE FROM server
             WHERE node = :node AND process <> :process
            RETURNING node, process
            """;
    private static final String REMOVE = "DELETE FROM server WHERE process = :process RETURNING node, process";
    private static final String EXISTS = "SELECT EXISTS (SELECT FROM server WHERE process = :process)";
    private static final String ALL = "SELECT node, version, started_at, seen_at FROM server ORDER BY node LIMIT 1000";
    private static final String PUBLISHED = """
            SELECT node, (published -> :topic)::text AS value
              FROM server
             WHERE published -> :topic IS NOT NULL
             ORDER BY node
             LIMIT 1000
            """;

    private final Database db;
    private final String node;
    private final String version;
    private final UUID process;
    private final Map<String, JsonNode> published = new ConcurrentHashMap<>();
    private volatile @Nullable Timestamp startedAt;
    private volatile boolean left;

    ServerStore(Database db, String node, String version, UUID process) {
        this.db = db;
        this.node = node;
        this.version = version;
        this.process = process;
    }

    /** Writes a heartbeat; returns how many other servers are silent. */
    long live() {
        return left ? 0 : db.first(LIVE, this::bind, this::silent).orElseThrow();
    }

    /** The same, with a new fact about this server. */
    void publish(Handle handle, String topic, JsonNode value) {
        published.put(topic, value);
        if (!left) {
            LIVE.first(handle, this::bind, this::silent);
        }
    }

    private void bind(Sql.Parameters p) throws SQLException {
        var all = Json.object();
        published.forEach(all::set);
        p.set("process", process)
                .set("node", node)
                .set("version", version)
                .set("published", Json.text(all))
                .set("started", startedAt);
    }

    private long silent(ResultSet row) throws SQLException {
        startedAt = row.getTimestamp("started_at");
        return row.getLong("silent");
    }

    List<LostServer> removeSilent(Handle handle) {
        return handle.createQuery(REMOVE_SILENT)
                .bind("process", process)
                .map((row, _) -> lost(row))
                .list();
    }

    /** Removes earlier processes of this server, which ended without removing themselves. */
    List<LostServer> removeEarlier(Handle handle) {
        return handle.createQuery(REMOVE_EARLIER)
                .bind("node", node)
                .bind("process", process)
                .map((row, _) -> lost(row))
                .list();
    }

    /** Removes this server; it is not written again. */
    List<LostServer> leave(Handle handle) {
        left = true;
        return handle.createQuery(REMOVE)
                .bind("process", process)
                .map((row, _) -> lost(row))
                .list();
    }

    private static LostServer lost(ResultSet row) throws SQLException {
        return new LostServer(row.getString("node"), row.getObject("process", UUID.class));
    }

    static boolean exists(Handle handle, UUID process) {
        return handle.createQuery(EXISTS)
                .bind("process", process)
                .mapTo(Boolean.class)
                .one();
    }

    static List<LiveServer> all(Handle handle) {
        return handle.createQuery(ALL)
                .map((row, _) -> new LiveServer(
                        row.getString("node"),
                        row.getString("version"),
                        row.getTimestamp("started_at").toInstant(),
                        row.getTimestamp("seen_at").toInstant()))
                .list();
    }

    static List<Published> published(Handle handle, String topic) {
        return handle.createQuery(PUBLISHED)
                .bind("topic", topic)
                .map((row, _) -> new Published(row.getString("node"), Json.parse(row.getString("value"))))
                .list();
    }
}
