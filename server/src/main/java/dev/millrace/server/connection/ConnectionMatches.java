package dev.millrace.server.connection;

import dev.millrace.server.db.Batched;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.metadata.MetadataLookup;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Finds the connections of an integration that match an event of its provider. Uses only indexed queries. Thread-safe.
 */
public final class ConnectionMatches {
    // The lateral query makes every plan use one index lookup per wanted connection.
    private static final Sql BY_ID = Sql.of("""
            SELECT wanted.place, c.id, c.connection_id
              FROM unnest(:integrations::bigint[], :ids::text[]) WITH ORDINALITY AS wanted (integration, id, place)
             CROSS JOIN LATERAL (SELECT id, connection_id
                                   FROM connection
                                  WHERE integration_id = wanted.integration AND connection_id = wanted.id
                                    AND deleted_at IS NULL
                                  LIMIT 1) c
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
            SELECT wanted.place, c.id, c.connection_id
              FROM unnest(:integrations::bigint[], :texts::text[], :bares::text[])
                   WITH ORDINALITY AS wanted (integration, text, bare, place)
             CROSS JOIN LATERAL (SELECT id, connection_id
                                   FROM connection
                                  WHERE (connection_config @> wanted.text::jsonb OR connection_config @> wanted.bare::jsonb)
                                    AND integration_id = wanted.integration AND deleted_at IS NULL
                                  ORDER BY id) c
             ORDER BY wanted.place, c.id
            """);
    /** Texts that are also valid as a JSON number or boolean. */
    private static final Pattern BARE = Pattern.compile("true|false|-?(0|[1-9]\\d{0,17})(\\.\\d{1,17})?");

    private final Database db;
    private final MetadataIndexing indexing;
    private final MetadataLookup lookup;
    private final Batched<Address, List<Found>> byId = new Batched<>(this::withIds);
    private final Batched<Configured, List<Found>> byConfig = new Batched<>(this::withConfigs);

    private record Address(long integration, String id) {}

    private record Configured(long integration, String text, String bare) {}

    public ConnectionMatches(Database db, Integrations integrations, MetadataLookup lookup) {
        this.db = db;
        this.indexing = new MetadataIndexing(integrations);
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
    public List<Found> withId(Integration integration, String connectionId) throws InterruptedException {
        return byId.get(new Address(integration.id(), connectionId));
    }

    private List<List<Found>> withIds(List<Address> wanted) {
        return list(
                BY_ID,
                wanted.size(),
                p -> p.array("integrations", "bigint", column(wanted, Address::integration))
                        .array("ids", "text", column(wanted, Address::id)));
    }

    /** Returns all connections of the integration. */
    public List<Found> all(Integration integration) {
        return list(ALL, p -> p.set("integration", integration.id()));
    }

    /**
     * Finds connections whose {@code connection_config} has the value under the literal key, as text, number or
     * boolean.
     */
    public List<Found> withConfig(Integration integration, String key, String value) throws InterruptedException {
        var text = Json.text(Json.object().put(key, value));
        var bare = BARE.matcher(value).matches() ? "{" + Json.quote(key) + ":" + value + "}" : text;
        return byConfig.get(new Configured(integration.id(), text, bare));
    }

    private List<List<Found>> withConfigs(List<Configured> wanted) {
        return list(
                WITH_CONFIG,
                wanted.size(),
                p -> p.array("integrations", "bigint", column(wanted, Configured::integration))
                        .array("texts", "text", column(wanted, Configured::text))
                        .array("bares", "text", column(wanted, Configured::bare)));
    }

    /**
     * Finds connections whose metadata has the value under the literal key, or an array that contains the value. If the
     * integration does not index the key yet, the key is added to its metadata index in the background.
     *
     * @throws dev.millrace.server.http.Failure with status 503 if the index is not complete after a short time
     */
    public List<Found> withMetadata(Integration integration, String key, String value) throws InterruptedException {
        var path = path(key);
        if (!integration.metadataIndex().contains(path)) {
            indexing.await(integration, path);
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

    /** The connections for each place in a batch. */
    private List<List<Found>> list(Sql query, int places, Sql.Binder binder) {
        var found = new ArrayList<List<Found>>();
        for (int i = 0; i < places; i++) {
            found.add(new ArrayList<>());
        }
        db.useHandle(handle -> query.list(
                handle, binder, row -> found.get(row.getInt("place") - 1).add(found(row))));
        return found;
    }

    private static <T> Object[] column(List<T> rows, Function<T, Object> value) {
        return rows.stream().map(value).toArray();
    }

    private static Found found(ResultSet row) throws SQLException {
        return new Found(row.getLong("id"), row.getString("connection_id"));
    }
}
