package dev.millrace.server.connection;

import dev.millrace.server.credential.Credentials;
import dev.millrace.server.credential.None;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Storable;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.metadata.Metadata;
import dev.millrace.server.metadata.MetadataLookup;
import dev.millrace.server.schedule.Schedule;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jdbi.v3.core.Handle;
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

    /** The prefix of the actors whose drafts come from connect sessions. */
    public static final String SESSION = "connect-session:";

    private static final String PUBLIC_ID = """
             WHERE i.environment_id = :environment AND i.unique_key = :integration AND i.deleted_at IS NULL
               AND c.connection_id = :connection AND c.deleted_at IS NULL
            """;
    private static final Sql BY_PUBLIC_ID =
            Sql.of("SELECT " + ConnectionRows.COLUMNS + ConnectionRows.FROM + PUBLIC_ID);
    private static final Sql WITH_INTEGRATION =
            Sql.of("SELECT " + Integrations.JOINED + ", " + ConnectionRows.COLUMNS + ConnectionRows.FROM + PUBLIC_ID);
    private static final Sql BY_ID = Sql.of(
            "SELECT " + ConnectionRows.COLUMNS + ConnectionRows.FROM + " WHERE c.id = :id AND c.deleted_at IS NULL");
    private static final Sql ID_OF = Sql.of("""
            SELECT c.id
              FROM connection c JOIN integration i ON i.id = c.integration_id
             WHERE i.environment_id = :environment AND i.unique_key = :integration AND i.deleted_at IS NULL
               AND c.connection_id = :connection AND c.deleted_at IS NULL
            """);
    private static final String OF_INTEGRATION = "SELECT " + ConnectionRows.COLUMNS + ConnectionRows.FROM + """
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
    private static final String CONFIGURE = """
            UPDATE connection SET connection_config = connection_config || :values::jsonb, updated_at = now()
             WHERE id = :id AND deleted_at IS NULL AND connection_config = :before::jsonb
            """;
    private static final Sql PENDING = Sql.of("SELECT " + ConnectionRows.COLUMNS + ConnectionRows.FROM + """
             WHERE c.connection_config @> :waiting::jsonb AND c.integration_id = :integration AND c.deleted_at IS NULL
             ORDER BY c.updated_at DESC, c.id DESC
             LIMIT 2
            """);
    private static final String ANY_OF_INTEGRATION =
            "SELECT EXISTS (SELECT FROM connection WHERE integration_id = :integration AND deleted_at IS NULL)";
    private static final String EXISTING =
            "SELECT id FROM connection WHERE id = ANY(:ids) AND deleted_at IS NULL ORDER BY id";
    private static final String THERE =
            "SELECT id FROM connection WHERE id = :id AND deleted_at IS NULL FOR NO KEY UPDATE";
    private static final String DELETE =
            "UPDATE connection SET deleted_at = now() WHERE id = :id AND deleted_at IS NULL";

    private final Database db;
    private final Encryption encryption;
    private final Clock clock;
    private final Metadata metadata;
    private final ConnectionRows rows;
    private final ConnectionSearch search;

    public Connections(Database db, Encryption encryption, Clock clock, Metadata metadata, MetadataLookup lookup) {
        this.metadata = metadata;
        this.db = db;
        this.encryption = encryption;
        this.clock = clock;
        this.rows = new ConnectionRows(encryption);
        this.search = new ConnectionSearch(db, rows, lookup, this::find);
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
            String actor) {
        private boolean byEndUser() {
            return endUser != null && actor.startsWith(SESSION);
        }
    }

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
                row -> new WithIntegration(rows.read(row), integrations.joined(row)));
    }

    public Optional<Connection> find(long environment, String integration, String connectionId) {
        return db.first(BY_PUBLIC_ID, p -> address(p, environment, integration, connectionId), rows::read);
    }

    /** The same in a transaction. */
    public Optional<Connection> find(Handle handle, long id) {
        return BY_ID.first(handle, p -> p.set("id", id), rows::read);
    }

    public Optional<Connection> find(long id) {
        return db.first(BY_ID, p -> p.set("id", id), rows::read);
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
        return search.list(environment, filter);
    }

    /** Those of an integration whose metadata have the value at an indexed path. */
    public List<Connection> withMetadata(long environment, String integration, String path, String value) {
        return search.withMetadata(environment, integration, path, value);
    }

    /** Up to two that wait for an approval and whose {@code connection_config} has these values, newest first. */
    List<Connection> pending(Integration integration, ObjectNode config) {
        var waiting = Json.text(config.put("pending", true));
        return db.withHandle(handle ->
                PENDING.list(handle, p -> p.set("integration", integration.id()).set("waiting", waiting), rows::read));
    }

    public List<Connection> ofIntegration(long integration) {
        return db.withHandle(handle -> handle.createQuery(OF_INTEGRATION)
                .bind("integration", integration)
                .map((row, _) -> rows.read(row))
                .list());
    }

    /** Whether an integration has any. */
    public boolean anyOf(Integration integration) {
        return db.withHandle(handle -> handle.createQuery(ANY_OF_INTEGRATION)
                .bind("integration", integration.id())
                .mapTo(Boolean.class)
                .one());
    }

    /** Further writes of the transaction that stores a connection. */
    interface Storing {
        Schedule.Claim stored(Handle handle, long id, boolean created, boolean byEndUser);
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
                    .bind("config", Storable.json(Json.text(draft.config())))
                    .bind("tags", Json.text(draft.tags()))
                    .bind("endUser", text(draft.endUser()))
                    .bind("webhook", draft.webhookUrlOverride())
                    .bind("fetched", !(draft.credentials() instanceof None))
                    .map((r, _) -> new Upserted(r.getLong("id"), r.getBoolean("created")))
                    .one();
            var object = draft.metadata();
            if (object != null) {
                metadata.imported(handle, row.id(), object, draft.actor());
            }
            var claim = also.stored(handle, row.id(), row.created(), draft.byEndUser());
            return new Stored(find(handle, row.id()).orElseThrow(), claim);
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

    /** Adds values to {@code connection_config}, unless it has changed since the connection was read. */
    public void configure(Handle handle, Connection connection, ObjectNode values) {
        handle.createUpdate(CONFIGURE)
                .bind("id", connection.id())
                .bind("before", Json.text(connection.config()))
                .bind("values", Storable.json(Json.text(values)))
                .execute();
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
}
