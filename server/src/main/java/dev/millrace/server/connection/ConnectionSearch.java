package dev.millrace.server.connection;

import dev.millrace.server.db.Database;
import dev.millrace.server.http.Json;
import dev.millrace.server.metadata.MetadataLookup;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jdbi.v3.core.statement.Query;

/** Finds connections by what they are tagged with, whom they belong to, and their metadata. Thread-safe. */
final class ConnectionSearch {
    private static final int MOST_FOUND = 1_000;

    private static final String FILTERED = "SELECT " + ConnectionRows.COLUMNS + ConnectionRows.FROM + """
             WHERE c.environment_id = :environment AND c.deleted_at IS NULL AND i.deleted_at IS NULL
               AND (:connection::text IS NULL OR c.connection_id = :connection)
               AND (:search::text IS NULL OR c.connection_id ILIKE :search OR c.end_user ->> 'display_name' ILIKE :search
                    OR c.end_user ->> 'email' ILIKE :search)
               AND (:endUser::text IS NULL OR c.end_user ->> 'id' = :endUser)
               AND (:organization::text IS NULL OR c.end_user -> 'organization' ->> 'id' = :organization)
               AND (:anyIntegration OR i.unique_key = ANY (:integrations))
               AND c.tags @> :tags::jsonb
            """;
    private static final String PAGE = """
             ORDER BY c.created_at DESC, c.id DESC
             LIMIT :limit OFFSET :offset
            """;
    private static final String LIST = FILTERED + PAGE;
    private static final int FEW = 10;
    private static final Comparator<Connection> NEWEST = Comparator.comparing(Connection::createdAt)
            .thenComparingLong(Connection::id)
            .reversed();
    // A separate statement, so that it is planned as a lookup by key.
    private static final String LIST_AMONG = FILTERED + " AND c.id = ANY (:among)" + PAGE;

    private final Database db;
    private final ConnectionRows rows;
    private final MetadataLookup lookup;
    private final LongFunction<Optional<Connection>> byId;

    /** @param byId reads one connection */
    ConnectionSearch(Database db, ConnectionRows rows, MetadataLookup lookup, LongFunction<Optional<Connection>> byId) {
        this.db = db;
        this.rows = rows;
        this.lookup = lookup;
        this.byId = byId;
    }

    /** Newest first. */
    List<Connection> list(long environment, Connections.Filter filter) {
        if (filter.metadata().isEmpty()) {
            return db.withHandle(handle -> list(handle.createQuery(LIST), environment, filter));
        }
        var among = lookup.find(environment, filter.integrations(), filter.metadata());
        if (among.size() <= Math.min(FEW, filter.limit()) && filter.onlyMetadata()) {
            // Reading a few connections by key costs a fraction of planning the statement with all filters.
            return among.stream()
                    .flatMap(id -> byId.apply(id).stream())
                    .sorted(NEWEST)
                    .toList();
        }
        return among.isEmpty()
                ? List.of()
                : db.withHandle(handle -> list(
                        handle.createQuery(LIST_AMONG).bindArray("among", Long.class, among), environment, filter));
    }

    /** Those of an integration whose metadata have the value at an indexed path. */
    List<Connection> withMetadata(long environment, String integration, String path, String value) {
        var filter = new Connections.Filter(
                null, null, null, null, List.of(integration), Json.object(), Map.of(path, value), MOST_FOUND, 0);
        return list(environment, filter);
    }

    private List<Connection> list(Query query, long environment, Connections.Filter filter) {
        return query.bind("environment", environment)
                .bind("connection", filter.connectionId())
                .bind("search", filter.search() == null ? null : "%" + escapeLike(filter.search()) + "%")
                .bind("endUser", filter.endUser())
                .bind("organization", filter.organization())
                .bind("anyIntegration", filter.integrations().isEmpty())
                .bindArray("integrations", String.class, filter.integrations())
                .bind("tags", Json.text(filter.tags()))
                .bind("limit", filter.limit())
                .bind("offset", (long) filter.page() * filter.limit())
                .map((row, _) -> rows.read(row))
                .list();
    }

    private static String escapeLike(String text) {
        return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }
}
