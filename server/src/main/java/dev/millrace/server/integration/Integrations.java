package dev.millrace.server.integration;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Entry point for integrations: stores them, with their secrets encrypted. Thread-safe. */
public final class Integrations {
    /** The encrypted columns of this package. */
    public static final List<SealedColumn> SEALED = List.of(
            new SealedColumn("integration", "credentials", List.of(new SealedColumn.Part("id", "bigint"))),
            new SealedColumn("integration", "custom", List.of(new SealedColumn.Part("id", "bigint"))));

    private static final String COLUMNS = """
            id, environment_id, unique_key, provider, display_name, forward_webhooks, credentials, custom, metadata_index,
            created_at, updated_at
            """;
    /** The columns for {@link #joined}, for a statement in which the integration is {@code i}. */
    public static final String JOINED = """
            i.id AS i_id, i.environment_id AS i_environment_id, i.unique_key AS i_unique_key, i.provider AS i_provider,
            i.display_name AS i_display_name, i.forward_webhooks AS i_forward_webhooks, i.credentials AS i_credentials,
            i.custom AS i_custom, i.metadata_index AS i_metadata_index, i.created_at AS i_created_at,
            i.updated_at AS i_updated_at
            """;

    private static final String LIST = "SELECT " + COLUMNS + """
              FROM integration
             WHERE environment_id = :environment AND deleted_at IS NULL
             ORDER BY provider, created_at, id
             LIMIT 10000
            """;
    private static final Sql BY_KEY = Sql.of("SELECT " + COLUMNS + """
              FROM integration
             WHERE environment_id = :environment AND unique_key = :key AND deleted_at IS NULL
            """);
    private static final Sql BY_URL = Sql.of("SELECT " + JOINED + """
              FROM environment e JOIN integration i ON i.environment_id = e.id
             WHERE e.uuid = :environment AND e.deleted_at IS NULL AND i.unique_key = :key AND i.deleted_at IS NULL
            """);
    private static final String CREATE = """
            INSERT INTO integration
                   (environment_id, unique_key, provider, display_name, forward_webhooks, credentials, custom,
                    metadata_index)
            VALUES (:environment, :key, :provider, :displayName, :forwardWebhooks, :credentials, :custom, :index::text[])
            ON CONFLICT (environment_id, unique_key) WHERE deleted_at IS NULL DO NOTHING
            RETURNING
            """ + COLUMNS;
    private static final String SAVE = """
            UPDATE integration
               SET unique_key = :key, display_name = :displayName, forward_webhooks = :forwardWebhooks,
                   credentials = :credentials, custom = :custom, updated_at = now()
             WHERE id = :id AND deleted_at IS NULL
            RETURNING
            """ + COLUMNS;
    // Does nothing when the paths do not change. The lock of the row prevents concurrent indexing.
    private static final String INDEX = """
            UPDATE integration
               SET metadata_index = :index::text[], metadata_index_generation = metadata_index_generation + 1
             WHERE id = :id AND metadata_index <> :index::text[]
            RETURNING metadata_index_generation
            """;
    private static final String INDEX_ALSO = """
            UPDATE integration
               SET metadata_index = metadata_index || :path, metadata_index_generation = metadata_index_generation + 1
             WHERE id = :id AND deleted_at IS NULL AND NOT :path = ANY (metadata_index)
            RETURNING metadata_index, metadata_index_generation
            """;
    // The row is kept because functions refer to it; its secrets are deleted.
    private static final String DELETE = """
            UPDATE integration SET deleted_at = now(), credentials = NULL, custom = NULL
             WHERE id = :id AND deleted_at IS NULL
            """;

    private final Database db;
    private final Encryption encryption;
    private final IndexHook indexHook;
    private final RecentIntegrations recent;

    /** Rebuilds the metadata index of an integration's connections. */
    public interface IndexHook {
        /** In the transaction that changes the integration's paths. */
        void declared(Handle handle, long environment, long integration, List<String> paths, int generation);
    }

    public Integrations(Database db, Encryption encryption, IndexHook indexHook, Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.indexHook = indexHook;
        this.recent = new RecentIntegrations(clock);
    }

    /** The fields of a new integration. */
    public record Draft(
            String uniqueKey,
            String provider,
            Optional<String> displayName,
            boolean forwardWebhooks,
            Optional<ObjectNode> credentials,
            ObjectNode custom,
            List<String> metadataIndex) {}

    /** All integrations of an environment, by provider, then age. */
    public List<Integration> list(long environment) {
        return db.withHandle(handle -> handle.createQuery(LIST)
                .bind("environment", environment)
                .map((row, _) -> read(row))
                .list());
    }

    public Optional<Integration> find(long environment, String uniqueKey) {
        return db.first(BY_KEY, p -> p.set("environment", environment).set("key", uniqueKey), this::read);
    }

    /** The integration to which a URL for webhooks belongs. */
    public Optional<Integration> ofUrl(UUID environment, String uniqueKey) {
        var found = db.first(BY_URL, p -> p.set("environment", environment).set("key", uniqueKey), this::joined);
        found.ifPresent(integration -> recent.put(environment, integration));
        return found;
    }

    /**
     * The same, but at most a second old. Changes by this process are visible at once. An integration that was not found
     * before is always read.
     */
    public Optional<Integration> recentOfUrl(UUID environment, String uniqueKey) {
        return recent.get(environment, uniqueKey).or(() -> ofUrl(environment, uniqueKey));
    }

    /** Creates one; empty when its key is in use. */
    public Optional<Integration> create(long environment, Draft draft) {
        return db.withHandle(handle -> handle.createQuery(CREATE)
                .bind("environment", environment)
                .bind("provider", draft.provider())
                .bind("key", draft.uniqueKey())
                .bind("displayName", draft.displayName().orElse(null))
                .bind("forwardWebhooks", draft.forwardWebhooks())
                .bind("credentials", seal(draft.credentials()))
                .bind("custom", encryption.seal(Json.text(draft.custom())))
                .bindArray("index", String.class, draft.metadataIndex())
                .map((row, _) -> read(row))
                .findOne());
    }

    /** Stores the given state; empty when the integration does not exist. */
    public Optional<Integration> save(Integration state) {
        return db.inTransaction(handle -> {
            handle.createQuery(INDEX)
                    .bind("id", state.id())
                    .bindArray("index", String.class, state.metadataIndex())
                    .mapTo(Integer.class)
                    .findOne()
                    .ifPresent(generation -> indexHook.declared(
                            handle, state.environmentId(), state.id(), state.metadataIndex(), generation));
            handle.afterCommit(() -> recent.remove(state.id()));
            return save(handle, state);
        });
    }

    /** Has connections looked up by one more path of their metadata, unless they are already. */
    public void indexAlso(Integration integration, String path) {
        db.useTransaction(handle -> indexAlso(handle, integration, path));
        recent.remove(integration.id());
    }

    private void indexAlso(Handle handle, Integration integration, String path) {
        handle.createQuery(INDEX_ALSO)
                .bind("id", integration.id())
                .bind("path", path)
                .map((row, _) -> {
                    var paths =
                            List.of((String[]) row.getArray("metadata_index").getArray());
                    indexHook.declared(
                            handle,
                            integration.environmentId(),
                            integration.id(),
                            paths,
                            row.getInt("metadata_index_generation"));
                    return paths;
                })
                .findOne();
    }

    private Optional<Integration> save(Handle handle, Integration state) {
        return handle.createQuery(SAVE)
                .bind("id", state.id())
                .bind("key", state.uniqueKey())
                .bind("displayName", state.displayName().orElse(null))
                .bind("forwardWebhooks", state.forwardWebhooks())
                .bind("credentials", seal(state.credentials()))
                .bind("custom", encryption.seal(Json.text(state.custom())))
                .map((row, _) -> read(row))
                .findOne();
    }

    /** Marks it as deleted, in the transaction that ends everything that depends on it. */
    public void delete(Handle handle, Integration integration) {
        handle.createUpdate(DELETE).bind("id", integration.id()).execute();
        handle.afterCommit(() -> recent.remove(integration.id()));
    }

    private byte @Nullable [] seal(Optional<ObjectNode> secret) {
        return secret.map(s -> encryption.seal(Json.text(s))).orElse(null);
    }

    private Integration read(ResultSet row) throws SQLException {
        return read(row, "");
    }

    /**
     * The integration in a row with the columns {@link #JOINED}, so that a connection and its integration can be read
     * by one statement.
     */
    public Integration joined(ResultSet row) throws SQLException {
        return read(row, "i_");
    }

    private Integration read(ResultSet row, String prefix) throws SQLException {
        return new Integration(
                row.getLong(prefix + "id"),
                row.getLong(prefix + "environment_id"),
                row.getString(prefix + "unique_key"),
                row.getString(prefix + "provider"),
                Optional.ofNullable(row.getString(prefix + "display_name")),
                row.getBoolean(prefix + "forward_webhooks"),
                open(row.getBytes(prefix + "credentials")),
                open(row.getBytes(prefix + "custom")).orElseGet(Json::object),
                List.of((String[]) row.getArray(prefix + "metadata_index").getArray()),
                row.getTimestamp(prefix + "created_at").toInstant(),
                row.getTimestamp(prefix + "updated_at").toInstant());
    }

    private Optional<ObjectNode> open(byte @Nullable [] sealed) {
        return sealed == null ? Optional.empty() : Optional.of(Json.parseObject(encryption.openText(sealed)));
    }
}
