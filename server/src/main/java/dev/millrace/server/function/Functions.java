package dev.millrace.server.function;

import dev.millrace.server.db.Batched;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.function.js.Script;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/** Entry point for functions: finds them and their code. Thread-safe. */
public final class Functions {
    private static final int MOST_CACHED = 500;

    private static final String SELECT = """
            SELECT f.id, f.environment_id, f.integration_id, i.unique_key, f.kind, f.name, f.event, f.version, f.enabled,
                   f.source, f.sdk_version, f.description, f.scopes, f.runs, f.auto_start, f.track_deletes, f.sync_type,
                   f.models, f.input, f.endpoints::text, f.webhook_subscriptions, f.json_schema::text, f.features,
                   f.bundle::text, f.code_hash, f.deployed_at
              FROM function f JOIN integration i ON i.id = f.integration_id
             WHERE f.active AND i.deleted_at IS NULL
            """;
    private static final String OF_ENVIRONMENT = SELECT + """
               AND f.environment_id = :environment AND (f.kind = 'function') = :bundles
             ORDER BY i.unique_key, f.kind, f.name, f.event
            """;
    private static final String OF_INTEGRATION = SELECT + " AND f.integration_id = :integration ORDER BY f.kind, f.id";
    private static final Sql BY_NAME =
            Sql.of(SELECT + " AND f.integration_id = :integration AND f.kind = :kind AND f.name = :name");
    private static final String ANY = SELECT.replace("f.active AND", "");
    private static final String BY_ID = ANY + " AND f.id = :id";
    private static final String NAMED = SELECT + """
               AND f.integration_id = :integration AND f.name = :name
               AND CASE WHEN :kind = '' THEN f.kind <> 'function' ELSE f.kind = :kind END
             ORDER BY f.kind, f.event
            """;
    private static final Sql SUBSCRIBERS = Sql.of("""
            SELECT integration_id, kind, name, webhook_subscriptions
              FROM function
             WHERE active AND integration_id = ANY (:integrations) AND webhook_subscriptions <> '{}'
               AND (kind = 'sync' OR (kind = 'function' AND enabled))
             ORDER BY kind, name
            """);
    private static final String SOURCE = "SELECT ts FROM function_code WHERE hash = :hash";
    private static final String CODE = "SELECT js FROM function_code WHERE hash = :hash";
    private static final String REMOVE_ALL = "DELETE FROM function WHERE integration_id = :integration";

    private final Database db;
    private final Map<String, String> codeByHash = new ConcurrentHashMap<>();
    private final Batched<Long, List<Subscriber>> subscribers = new Batched<>(this::subscribers);

    public Functions(Database db) {
        this.db = db;
    }

    /** All but bundle functions. */
    public List<Function> active(long environment) {
        return db.withHandle(handle -> active(handle, environment));
    }

    /** The active functions of all kinds. */
    public List<Function> all(long environment) {
        return db.withHandle(
                handle -> Stream.concat(active(handle, environment).stream(), bundles(handle, environment).stream())
                        .toList());
    }

    List<Function> active(Handle handle, long environment) {
        return active(handle, environment, false);
    }

    List<Function> bundles(Handle handle, long environment) {
        return active(handle, environment, true);
    }

    private static List<Function> active(Handle handle, long environment, boolean bundles) {
        return handle.createQuery(OF_ENVIRONMENT)
                .bind("environment", environment)
                .bind("bundles", bundles)
                .map((row, _) -> read(row))
                .list();
    }

    public List<Function> ofIntegration(long integration) {
        return db.withHandle(handle -> ofIntegration(handle, integration));
    }

    /** The same within a transaction. */
    public List<Function> ofIntegration(Handle handle, long integration) {
        return handle.createQuery(OF_INTEGRATION)
                .bind("integration", integration)
                .map((row, _) -> read(row))
                .list();
    }

    /** A version, active or not. */
    public Optional<Function> find(Handle handle, long id) {
        return handle.createQuery(BY_ID)
                .bind("id", id)
                .map((row, _) -> read(row))
                .findOne();
    }

    /** The active sync, action or bundle function with a name. */
    public Optional<Function> find(long integration, Kind kind, String name) {
        return db.first(
                BY_NAME,
                p -> p.set("integration", integration).set("kind", kind.wire()).set("name", name),
                Functions::read);
    }

    /** A sync, enabled or not, or an enabled bundle function that wants events of its provider. */
    public record Subscriber(Kind kind, String name, List<String> subscriptions) {
        public Subscriber {
            subscriptions = List.copyOf(subscriptions);
        }
    }

    /** The active functions of an integration that have webhook subscriptions. */
    public List<Subscriber> subscribers(long integration) throws InterruptedException {
        return subscribers.get(integration);
    }

    private List<List<Subscriber>> subscribers(List<Long> integrations) {
        var found = new HashMap<Long, List<Subscriber>>();
        db.useHandle(handle -> SUBSCRIBERS.list(
                handle,
                p -> p.array("integrations", "bigint", Set.copyOf(integrations).toArray()),
                row -> found.computeIfAbsent(row.getLong(1), _ -> new ArrayList<>())
                        .add(subscriber(row))));
        return integrations.stream()
                .map(integration -> found.getOrDefault(integration, List.of()))
                .toList();
    }

    private static Subscriber subscriber(ResultSet row) throws SQLException {
        return new Subscriber(Kind.of(row.getString(2)), row.getString(3), texts(row.getArray(4)));
    }

    /** The active functions with a name, of one kind or of all kinds but bundle functions. */
    List<Function> named(long integration, String name, Optional<Kind> kind) {
        return db.withHandle(handle -> handle.createQuery(NAMED)
                .bind("integration", integration)
                .bind("name", name)
                .bind("kind", kind.map(Kind::wire).orElse(""))
                .map((row, _) -> read(row))
                .list());
    }

    /** The source text of a version. */
    public String source(Function function) {
        return db.withHandle(handle -> handle.createQuery(SOURCE)
                .bind("hash", function.codeHash())
                .mapTo(String.class)
                .one());
    }

    /** The code that a runtime executes; empty when the function has been removed since it was looked up. */
    public Optional<Script> script(Function function) {
        return code(function.codeHash())
                .map(code -> new Script(
                        function.name(),
                        function.integration(),
                        function.codeHash(),
                        code,
                        function.sdkVersion().orElse("")));
    }

    /** Cached, because code never changes. */
    private Optional<String> code(String hash) {
        var known = codeByHash.get(hash);
        if (known != null) {
            return Optional.of(known);
        }
        var found = db.withHandle(handle ->
                handle.createQuery(CODE).bind("hash", hash).mapTo(String.class).findOne());
        found.ifPresent(code -> {
            if (codeByHash.size() >= MOST_CACHED) {
                codeByHash.clear();
            }
            codeByHash.put(hash, code);
        });
        return found;
    }

    /**
     * Deletes all functions of an integration with all their versions. To be followed by {@link #removeUnusedCode}
     * after the commit.
     */
    public void removeAll(Handle handle, long integration) {
        handle.createUpdate(REMOVE_ALL).bind("integration", integration).execute();
    }

    public void removeUnusedCode() {
        new CodeStore(db).removeUnused();
    }

    static Function read(ResultSet row) throws SQLException {
        return new Function(
                row.getLong("id"),
                row.getLong("environment_id"),
                row.getLong("integration_id"),
                row.getString("unique_key"),
                Kind.of(row.getString("kind")),
                row.getString("name"),
                row.getString("event"),
                row.getString("version"),
                row.getBoolean("enabled"),
                row.getString("source"),
                Optional.ofNullable(row.getString("sdk_version")),
                Optional.ofNullable(row.getString("description")),
                texts(row.getArray("scopes")),
                Optional.ofNullable(row.getString("runs")),
                row.getBoolean("auto_start"),
                row.getBoolean("track_deletes"),
                Optional.ofNullable(row.getString("sync_type")),
                texts(row.getArray("models")),
                Optional.ofNullable(row.getString("input")),
                row.getString("endpoints"),
                texts(row.getArray("webhook_subscriptions")),
                Optional.ofNullable(row.getString("json_schema")),
                texts(row.getArray("features")),
                Optional.ofNullable(row.getString("bundle")),
                row.getString("code_hash"),
                row.getTimestamp("deployed_at").toInstant());
    }

    private static List<String> texts(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }
}
