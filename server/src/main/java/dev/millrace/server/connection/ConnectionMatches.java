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

/** Finds the connections of an integration that an event of its provider concerns. Uses indexes only. Thread-safe. */
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
    /** JSON whose text is the value itself. */
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
     * A connection that was found.
     *
     * @param id the internal id; {@code connectionId} is the public one
     */
    public record Found(long id, String connectionId) {}

    public List<Found> withId(Integration integration, String connectionId) {
        return list(BY_ID, p -> p.set("integration", integration.id()).set("connection", connectionId));
    }

    public List<Found> all(Integration integration) {
        return list(ALL, p -> p.set("integration", integration.id()));
    }

    /** Those whose {@code connection_config} has the value as text, number or boolean under the literal key. */
    public List<Found> withConfig(Integration integration, String key, String value) {
        var text = Json.text(Json.object().put(key, value));
        var bare = BARE.matcher(value).matches() ? "{" + Json.quote(key) + ":" + value + "}" : text;
        return list(
                WITH_CONFIG,
                p -> p.set("integration", integration.id()).set("text", text).set("bare", bare));
    }

    /**
     * Those whose metadata has the value under the literal key, or an array there that contains it. The integration
     * indexes the key from then on.
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

    /** Dots would separate keys, so such a key is written as a JSON Pointer. */
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
