package dev.millrace.server.function;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.function.runtime.Script;
import dev.millrace.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/** The door of the room: stores functions and their code, every version of it. Thread-safe. */
public final class Functions {
    private static final int MOST_CACHED = 500;

    private static final String SELECT = """
            SELECT f.id, f.environment_id, f.integration_id, i.unique_key, f.kind, f.name, f.event, f.version, f.enabled,
                   f.source, f.sdk_version, f.description, f.scopes, f.runs, f.auto_start, f.track_deletes, f.sync_type,
                   f.models, f.input, f.endpoints::text, f.webhook_subscriptions, f.json_schema::text, f.features,
                   f.code_hash, f.created_at
              FROM function f JOIN integration i ON i.id = f.integration_id
             WHERE f.active AND i.deleted_at IS NULL
            """;
    private static final String OF_ENVIRONMENT =
            SELECT + " AND f.environment_id = :environment ORDER BY i.unique_key, f.kind, f.name, f.event";
    private static final String OF_INTEGRATION = SELECT + " AND f.integration_id = :integration ORDER BY f.kind, f.id";
    private static final Sql BY_NAME =
            Sql.of(SELECT + " AND f.integration_id = :integration AND f.kind = :kind AND f.name = :name");
    private static final String BY_ID = SELECT.replace("f.active AND", "f.id = :id AND");
    private static final String ADD_CODE =
            "INSERT INTO function_code (hash, js, ts) VALUES (:hash, :js, :ts) ON CONFLICT DO NOTHING";
    private static final String CODE = "SELECT js FROM function_code WHERE hash = :hash";
    private static final String RETIRE = "UPDATE function SET active = false WHERE id = :id";
    private static final String RETIRE_ALL = "UPDATE function SET active = false WHERE integration_id = :integration";
    private static final String ADD = """
            INSERT INTO function (environment_id, integration_id, kind, name, event, version, enabled, source,
                   sdk_version, description, scopes, runs, auto_start, track_deletes, sync_type, models, input,
                   endpoints, webhook_subscriptions, json_schema, features, code_hash)
            VALUES (:environment, :integration, :kind, :name, :event, :version, :enabled, :source,
                   :sdkVersion, :description, :scopes, :runs, :autoStart, :trackDeletes, :syncType, :models, :input,
                   :endpoints::jsonb, :subscriptions, :schema::json, :features, :code)
            RETURNING id
            """;

    private final Database db;
    private final Map<String, String> codeByHash = new ConcurrentHashMap<>();

    public Functions(Database db) {
        this.db = db;
    }

    public List<Function> active(long environment) {
        return db.withHandle(handle -> active(handle, environment));
    }

    List<Function> active(Handle handle, long environment) {
        return handle.createQuery(OF_ENVIRONMENT)
                .bind("environment", environment)
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

    /** A version, in service or not. */
    public Optional<Function> find(Handle handle, long id) {
        return handle.createQuery(BY_ID)
                .bind("id", id)
                .map((row, _) -> read(row))
                .findOne();
    }

    /** The active sync or action of a name. */
    public Optional<Function> find(long integration, Kind kind, String name) {
        return db.first(
                BY_NAME,
                p -> p.set("integration", integration).set("kind", kind.wire()).set("name", name),
                Functions::read);
    }

    /** What a runtime needs to execute a function; code is remembered, it never changes. */
    public Script script(Function function) {
        var code = codeByHash.get(function.codeHash());
        if (code == null) {
            code = db.withHandle(handle -> handle.createQuery(CODE)
                    .bind("hash", function.codeHash())
                    .mapTo(String.class)
                    .one());
            if (codeByHash.size() >= MOST_CACHED) {
                codeByHash.clear();
            }
            codeByHash.put(function.codeHash(), code);
        }
        return new Script(
                function.name(),
                function.integration(),
                function.codeHash(),
                code,
                function.sdkVersion().orElse(""));
    }

    /** Takes a version out of service; it stays stored. */
    void retire(Handle handle, Function function) {
        handle.createUpdate(RETIRE).bind("id", function.id()).execute();
    }

    /** Takes all functions of an integration out of service. */
    public void retireAll(Handle handle, long integration) {
        handle.createUpdate(RETIRE_ALL).bind("integration", integration).execute();
    }

    /** Stores a version and puts it in service, in place of the one before. */
    Function add(
            Handle handle,
            long environment,
            long integration,
            Draft draft,
            Optional<Function> before,
            String version,
            Optional<String> sdkVersion,
            String source) {
        var hash = hash(draft);
        handle.createUpdate(ADD_CODE)
                .bind("hash", hash)
                .bind("js", draft.js())
                .bind("ts", draft.ts())
                .execute();
        before.ifPresent(b -> retire(handle, b));
        long id = handle.createQuery(ADD)
                .bind("environment", environment)
                .bind("integration", integration)
                .bind("kind", draft.key().kind().wire())
                .bind("name", draft.key().name())
                .bind("event", draft.key().event())
                .bind("version", version)
                .bind("enabled", before.map(Function::enabled).orElse(true))
                .bind("source", source)
                .bind("sdkVersion", sdkVersion.orElse(null))
                .bind("description", draft.description().orElse(null))
                .bindArray("scopes", String.class, draft.scopes())
                .bind("runs", draft.runs().orElse(null))
                .bind("autoStart", draft.autoStart())
                .bind("trackDeletes", draft.trackDeletes())
                .bind("syncType", draft.syncType().orElse(null))
                .bindArray("models", String.class, draft.models())
                .bind("input", draft.input().orElse(null))
                .bind("endpoints", Json.text(draft.endpoints()))
                .bindArray("subscriptions", String.class, draft.webhookSubscriptions())
                .bind("schema", draft.jsonSchema().map(Json::text).orElse(null))
                .bindArray("features", String.class, draft.features())
                .bind("code", hash)
                .mapTo(Long.class)
                .one();
        return find(handle, id).orElseThrow();
    }

    static String hash(Draft draft) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(draft.js().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(draft.ts().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Function read(ResultSet row) throws SQLException {
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
                row.getString("code_hash"),
                row.getTimestamp("created_at").toInstant());
    }

    private static List<String> texts(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }
}
