package dev.millrace.server.connection;

import dev.millrace.server.credential.AuthFailure;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.credential.None;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.schedule.Schedule;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Entry point for connections: stores them, with encrypted credentials. Thread-safe. */
public final class Connections {
    /** The encrypted columns of this package. */
    public static final List<SealedColumn> SEALED =
            List.of(new SealedColumn("connection", "credentials", List.of(new SealedColumn.Part("id", "bigint"))));

    // Responses show the current time as last_fetched_at. The column only serves to find idle connections, so it is
    // written at most this often.
    private static final Duration FETCHED_GRAIN = Duration.ofMinutes(1);

    private static final int MOST_FOUND = 1_000;

    private static final String COLUMNS = """
            c.id, c.environment_id, c.integration_id, c.connection_id, i.unique_key, i.provider, c.credentials,
            c.credentials_version, c.auth_failure::text,
            c.connection_config::text, m.body AS metadata, m.sealed AS sealed_metadata,
            coalesce(m.version, 0) AS metadata_version, c.tags::text, c.end_user::text, c.webhook_url_override,
            c.created_at, c.updated_at, c.last_fetched_at,
            (SELECT json_agg(json_build_object('type', 'sync', 'log_id', s.failed_operation) ORDER BY s.name, s.variant)
               FROM sync s
              WHERE s.connection_id = c.id AND s.deleted_at IS NULL AND s.failed_operation IS NOT NULL)::text AS errors
            """;
    private static final String FROM = """
              FROM connection c JOIN integration i ON i.id = c.integration_id
              LEFT JOIN metadata m ON m.connection_id = c.id
            """;
    private static final String PUBLIC_ID = """
             WHERE i.environment_id = :environment AND i.unique_key = :integration AND i.deleted_at IS NULL
               AND c.connection_id = :connection AND c.deleted_at IS NULL
            """;
    private static final Sql BY_PUBLIC_ID = Sql.of("SELECT " + COLUMNS + FROM + PUBLIC_ID);
    private static final Sql WITH_INTEGRATION =
            Sql.of("SELECT " + Integrations.JOINED + ", " + COLUMNS + FROM + PUBLIC_ID);
    private static final Sql BY_ID = Sql.of("SELECT " + COLUMNS + FROM + " WHERE c.id = :id AND c.deleted_at IS NULL");
    private static final Sql ID_OF = Sql.of("""
            SELECT c.id
              FROM connection c JOIN integration i ON i.id = c.integration_id
             WHERE i.environment_id = :environment AND i.unique_key = :integration AND i.deleted_at IS NULL
               AND c.connection_id = :connection AND c.deleted_at IS NULL
            """);
    private static final String FILTERED = "SELECT " + COLUMNS + FROM + """
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
    private static final String OF_INTEGRATION = "SELECT " + COLUMNS + FROM + """
             WHERE c.integration_id = :integration AND c.deleted_at IS NULL
             ORDER BY c.id
            """;
    private static final String UPSERT = """
            INSERT INTO connection AS c (environment_id, integration_id, connection_id, credentials, connection_config,
                   tags, end_user, webhook_url_override, last_fetched_at)
            VALUES (:environment, :integration, :connection, :credentials, :config::jsonb, :tags::jsonb,
                   :endUser::jsonb, :webhook, CASE WHEN :fetched THEN now() END)
            ON CONFLICT (integration_id, connection_id) WHERE deleted_at IS NULL DO UPDATE
               SET credentials = excluded.credentials, credentials_version = c.credentials_version + 1,
                   auth_failure = NULL, connection_config = excluded.connection_config,
                   tags = excluded.tags, end_user = excluded.end_user, webhook_url_override = excluded.webhook_url_override,
                   updated_at = now()
            RETURNING c.id, (c.xmax = 0) AS created
            """;
    private static final Sql FETCHED = Sql.of("UPDATE connection SET last_fetched_at = :now WHERE id = :id");
    private static final String PATCH = """
            UPDATE connection
               SET tags = coalesce(:tags::jsonb, tags), end_user = coalesce(:endUser::jsonb, end_user),
                   webhook_url_override = CASE WHEN :webhook::text IS NULL THEN webhook_url_override
                                               ELSE nullif(:webhook, '') END
             WHERE id = :id AND deleted_at IS NULL
            """;
    private static final String EXISTING =
            "SELECT id FROM connection WHERE id = ANY(:ids) AND deleted_at IS NULL ORDER BY id";
    private static final String THERE =
            "SELECT id FROM connection WHERE id = :id AND deleted_at IS NULL FOR NO KEY UPDATE";
    private static final String DELETE =
            "UPDATE connection SET deleted_at = now() WHERE id = :id AND deleted_at IS NULL";

    private final Database db;
    private final Encryption encryption;
    private final Clock clock;
    private final MetadataImport metadataImport;
    private final MetadataSearch metadataSearch;

    public Connections(
            Database db,
            Encryption encryption,
            Clock clock,
            MetadataImport metadataImport,
            MetadataSearch metadataSearch) {
        this.metadataImport = metadataImport;
        this.metadataSearch = metadataSearch;
        this.db = db;
        this.encryption = encryption;
        this.clock = clock;
    }

    /**
     * A connection to import.
     *
     * @param actor who imports it, for the history of its metadata
     */
    public record Draft(
            String connectionId,
            Credentials credentials,
            ObjectNode config,
            @Nullable ObjectNode metadata,
            ObjectNode tags,
            @Nullable ObjectNode endUser,
            @Nullable String webhookUrlOverride,
            String actor) {}

    /**
     * The filters of a list; null and empty mean no filter.
     *
     * @param metadata values by path; each path must be indexed
     */
    public record Filter(
            @Nullable String connectionId,
            @Nullable String search,
            @Nullable String endUser,
            @Nullable String organization,
            List<String> integrations,
            ObjectNode tags,
            Map<String, String> metadata,
            int limit,
            int page) {
        public Filter {
            integrations = List.copyOf(integrations);
            metadata = Map.copyOf(metadata);
        }

        /** Whether there is no other filter. */
        boolean onlyMetadata() {
            return connectionId == null
                    && search == null
                    && endUser == null
                    && organization == null
                    && integrations.isEmpty()
                    && tags.isEmpty()
                    && page == 0;
        }
    }

    /**
     * A connection that was stored.
     *
     * @param claim of the task for the steps that follow
     */
    public record Stored(Connection connection, Schedule.Claim claim) {}

    private record Upserted(long id, boolean created) {}

    /** A connection and its integration, read by one statement, because every proxied call needs both. */
    public record WithIntegration(Connection connection, Integration integration) {}

    public Optional<WithIntegration> find(
            Integrations integrations, long environment, String integration, String connectionId) {
        return db.first(
                WITH_INTEGRATION,
                p -> address(p, environment, integration, connectionId),
                row -> new WithIntegration(read(row), integrations.joined(row)));
    }

    public Optional<Connection> find(long environment, String integration, String connectionId) {
        return db.first(BY_PUBLIC_ID, p -> address(p, environment, integration, connectionId), this::read);
    }

    public Optional<Connection> find(long id) {
        return db.first(BY_ID, p -> p.set("id", id), this::read);
    }

    /** Finds the internal id only. */
    public OptionalLong id(long environment, String integration, String connectionId) {
        return db.first(ID_OF, p -> address(p, environment, integration, connectionId), row -> row.getLong(1))
                .map(OptionalLong::of)
                .orElseGet(OptionalLong::empty);
    }

    /** Those of the internal ids whose connections are not deleted. */
    public Set<Long> existing(Collection<Long> ids) {
        return db.withHandle(handle -> handle.createQuery(EXISTING)
                .bindArray("ids", Long.class, ids)
                .mapTo(Long.class)
                .set());
    }

    /** Newest first. */
    public List<Connection> list(long environment, Filter filter) {
        if (filter.metadata().isEmpty()) {
            return db.withHandle(handle -> list(handle.createQuery(LIST), environment, filter));
        }
        var among = metadataSearch.find(environment, filter.integrations(), filter.metadata());
        if (among.size() <= Math.min(FEW, filter.limit()) && filter.onlyMetadata()) {
            // Reading a few connections by key costs a fraction of planning the statement with all filters.
            return among.stream()
                    .flatMap(id -> find(id).stream())
                    .sorted(NEWEST)
                    .toList();
        }
        return among.isEmpty()
                ? List.of()
                : db.withHandle(handle -> list(
                        handle.createQuery(LIST_AMONG).bindArray("among", Long.class, among), environment, filter));
    }

    /** Those of an integration whose metadata have the value at an indexed path. */
    public List<Connection> withMetadata(long environment, String integration, String path, String value) {
        var filter = new Filter(
                null, null, null, null, List.of(integration), Json.object(), Map.of(path, value), MOST_FOUND, 0);
        return list(environment, filter);
    }

    private List<Connection> list(Query query, long environment, Filter filter) {
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
                .map((row, _) -> read(row))
                .list();
    }

    private static String escapeLike(String text) {
        return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }

    public List<Connection> ofIntegration(long integration) {
        return db.withHandle(handle -> handle.createQuery(OF_INTEGRATION)
                .bind("integration", integration)
                .map((row, _) -> read(row))
                .list());
    }

    /** Further writes of the transaction that stores a connection. */
    interface Storing {
        Schedule.Claim stored(Handle handle, long id, boolean created);
    }

    /** Creates the connection, or replaces the one with the same public id entirely. */
    Stored upsert(Integration integration, Draft draft, Storing also) {
        return db.inTransaction(handle -> {
            var row = handle.createQuery(UPSERT)
                    .bind("environment", integration.environmentId())
                    .bind("integration", integration.id())
                    .bind("connection", draft.connectionId())
                    .bind(
                            "credentials",
                            encryption.seal(Json.text(draft.credentials().json())))
                    .bind("config", Json.text(draft.config()))
                    .bind("tags", Json.text(draft.tags()))
                    .bind("endUser", text(draft.endUser()))
                    .bind("webhook", draft.webhookUrlOverride())
                    .bind("fetched", !(draft.credentials() instanceof None))
                    .map((r, _) -> new Upserted(r.getLong("id"), r.getBoolean("created")))
                    .one();
            var metadata = draft.metadata();
            if (metadata != null) {
                metadataImport.imported(handle, row.id(), metadata, draft.actor());
            }
            var claim = also.stored(handle, row.id(), row.created());
            var stored =
                    BY_ID.first(handle, p -> p.set("id", row.id()), this::read).orElseThrow();
            return new Stored(stored, claim);
        });
    }

    private static @Nullable String text(@Nullable ObjectNode node) {
        return node == null ? null : Json.text(node);
    }

    /** Records that the credentials were read now. */
    public void fetched(Connection connection) {
        var now = clock.instant();
        var last = connection.lastFetchedAt();
        if (last.isEmpty() || last.get().plus(FETCHED_GRAIN).isBefore(now)) {
            db.update(FETCHED, p -> p.set("id", connection.id()).set("now", Timestamp.from(now)));
        }
    }

    /** Changes the given fields; an empty webhook URL removes the override. */
    public void patch(
            Connection connection,
            @Nullable ObjectNode tags,
            @Nullable ObjectNode endUser,
            @Nullable String webhookUrlOverride) {
        db.useHandle(handle -> handle.createUpdate(PATCH)
                .bind("id", connection.id())
                .bind("tags", text(tags))
                .bind("endUser", text(endUser))
                .bind("webhook", webhookUrlOverride)
                .execute());
    }

    /** Marks a connection as deleted, in the transaction that ends everything that depends on it. */
    public void delete(Handle handle, Connection connection) {
        handle.createUpdate(DELETE).bind("id", connection.id()).execute();
    }

    /** Whether a connection is not deleted. This cannot change until the transaction ends. */
    public boolean isThere(Handle handle, Connection connection) {
        return handle.createQuery(THERE)
                .bind("id", connection.id())
                .mapTo(Long.class)
                .findOne()
                .isPresent();
    }

    private static void address(Sql.Parameters p, long environment, String integration, String connectionId)
            throws SQLException {
        p.set("environment", environment).set("integration", integration).set("connection", connectionId);
    }

    private Connection read(ResultSet row) throws SQLException {
        return new Connection(
                row.getLong("id"),
                row.getLong("environment_id"),
                row.getLong("integration_id"),
                row.getString("connection_id"),
                row.getString("unique_key"),
                row.getString("provider"),
                Credentials.parse(encryption.openText(row.getBytes("credentials"))),
                row.getLong("credentials_version"),
                Json.parseObject(row.getString("connection_config")),
                metadata(row),
                row.getLong("metadata_version"),
                row.getString("tags"),
                Optional.ofNullable(row.getString("end_user")),
                Optional.ofNullable(row.getString("webhook_url_override")),
                Optional.ofNullable(row.getString("errors")).orElse("[]"),
                Optional.ofNullable(row.getString("auth_failure")).map(AuthFailure::parse),
                instant(row, "created_at").orElseThrow(),
                instant(row, "updated_at").orElseThrow(),
                instant(row, "last_fetched_at"));
    }

    private Optional<String> metadata(ResultSet row) throws SQLException {
        var sealed = row.getBytes("sealed_metadata");
        return sealed == null
                ? Optional.ofNullable(row.getString("metadata"))
                : Optional.of(encryption.openText(sealed));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getTimestamp(column)).map(Timestamp::toInstant);
    }
}
