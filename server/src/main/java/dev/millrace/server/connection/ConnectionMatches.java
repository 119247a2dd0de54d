package dev.millrace.server.connection;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.metadata.MetadataLookup;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Finds the connections of an integration that match an event of its provider. Uses only indexed queries. Thread-safe.
 */
public final class ConnectionMatches {
    private static final Sql BY_ID = Sql.of("""
            SELECT id, connection_id
              FROM connection
             WHERE integration_id = :integration AND connection_id = :connection AND deleted_at IS NULL
            """);
    private static final Sql ALL = Sql.of("""
            SELECT id, connection_id
              FROM connection
             WHERE integration_id = :integration AND deleted_at IS NULL
             ORDER BY id
            """);
    private static final Sql AMONG = Sql.of("""
            SELECT id, connection_id
              FROM connection
             WHERE id = ANY (:ids) AND integration_id = :integration AND deleted_at IS NULL
             ORDER BY id
            """);
    private static final Sql WITH_CONFIG = Sql.of("""
            SELECT id, connection_id
              FROM connection
             WHERE (connection_config @> :text::jsonb OR connection_config @> :bare::jsonb)
               AND integration_id = :integration AND deleted_at IS NULL
             ORDER BY id
            """);
    /** Texts that are also valid as a JSON number or boolean. */
    private static final Pattern BARE = Pattern.compile("true|false|-?(0|[1-9]\\d{0,17})(\\.\\d{1,17})?");

    private final Database db;
    private final Integrations integrations;
    private final MetadataLookup lookup;

    public ConnectionMatches(Database db, Integrations integrations, MetadataLookup lookup) {
        this.db = db;
        this.integrations = integrations;
        this.lookup = lookup;
    }

    /**
     * A matched connection.
     *
     * @param id the internal id
     * @param connectionId the public id
     */
    public record Found(long id, String connectionId) {}

    /** Finds the connection with this public id; empty if there is none. */
    public List<Found> withId(Integration integration, String connectionId) {
        return list(BY_ID, p -> p.set("integration", integration.id()).set("connection", connectionId));
    }

    /** Returns all connections of the integration. */
    public List<Found> all(Integration integration) {
        return list(ALL, p -> p.set("integration", integration.id()));
    }

    /**
     * Finds connections whose {@code connection_config} has the value under the literal key, as text, number or
     * boolean.
     */
    public List<Found> withConfig(Integration integration, String key, String value) {
        var text = Json.text(Json.object().put(key, value));
        var bare = BARE.matcher(value).matches() ? "{" + Json.quote(key) + ":" + value + "}" : text;
        return list(
                WITH_CONFIG,
                p -> p.set("integration", integration.id()).set("text", text).set("bare", bare));
    }

    /**
     * Finds connections whose metadata has the value under the literal key, or an array that contains the value. If the
     * integration does not index the key yet, the key is added to its metadata index.
     */
    public List<Found> withMetadata(Integration integration, String key, String value) {
        var path = path(key);
        if (!integration.metadataIndex().contains(path)) {
            integrations.indexAlso(integration, path);
        }
        var ids = lookup.find(integration.environmentId(), List.of(integration.uniqueKey()), Map.of(path, value));
        return ids.isEmpty()
                ? List.of()
                : list(AMONG, p -> p.set("integration", integration.id()).array("ids", "bigint", ids.toArray()));
    }

    /** The path of the key. A key with dots is written as a JSON Pointer, because a dot separates keys in a path. */
    private static String path(String key) {
        return key.contains(".") || key.startsWith("/")
                ? "/" + key.replace("~", "~0").replace("/", "~1")
                : key;
    }

    private List<Found> list(Sql query, Sql.Binder binder) {
        return db.withHandle(handle -> query.list(handle, binder, ConnectionMatches::found));
    }

    private static Found found(ResultSet row) throws SQLException {
        return new Found(row.getLong("id"), row.getString("connection_id"));
    }
}
