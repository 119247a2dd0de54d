package dev.millrace.server.function;

import dev.millrace.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The versions of functions. Each different upload is a version, kept until newer ones replace it. At most one version
 * of a function is active. Thread-safe; writes belong to the transaction of a deploy.
 */
final class Versions {
    private static final String LIST = """
            SELECT f.*, i.unique_key
              FROM function f JOIN integration i ON i.id = f.integration_id
             WHERE f.integration_id = :integration AND f.name = :name
               AND CASE WHEN :kind = '' THEN f.kind <> 'function' ELSE f.kind = :kind END
             ORDER BY f.kind, f.event, f.active DESC, f.deployed_at DESC, f.id DESC
             LIMIT 2000
            """;
    private static final String RETIRE = "UPDATE function SET active = false WHERE id = :id";
    private static final String ADD = """
            INSERT INTO function (environment_id, integration_id, kind, name, event, version, enabled, source,
                   sdk_version, description, scopes, runs, auto_start, track_deletes, sync_type, models, input,
                   endpoints, webhook_subscriptions, json_schema, features, bundle, code_hash, created_by, deployed_by)
            VALUES (:environment, :integration, :kind, :name, :event, :version, :enabled, :source,
                   :sdkVersion, :description, :scopes, :runs, :autoStart, :trackDeletes, :syncType, :models, :input,
                   :endpoints::jsonb, :subscriptions, :schema::json, :features, :bundle::json, :code, :by, :by)
            RETURNING id
            """;
    private static final String RENEW = """
            UPDATE function
               SET version = :version, source = :source, sdk_version = :sdkVersion, deployed_at = now(),
                   deployed_by = :by
             WHERE id = :id
            """;
    private static final String RESTORE = """
            UPDATE function SET active = true, enabled = :enabled, deployed_at = now(), deployed_by = :by WHERE id = :id
            """;
    private static final String PRUNE = """
            DELETE FROM function
             WHERE NOT active
               AND id IN (SELECT id FROM function
                           WHERE integration_id = :integration AND kind = :kind AND name = :name AND event = :event
                           ORDER BY active DESC, deployed_at DESC, id DESC
                          OFFSET :keep)
            """;

    private final Functions functions;
    private final CodeStore code;

    Versions(Functions functions, CodeStore code) {
        this.functions = functions;
        this.code = code;
    }

    /**
     * The origin of an upload.
     *
     * @param source {@code repo} or {@code standalone}
     * @param by name of the API key
     */
    record Origin(Optional<String> sdkVersion, String source, String by) {}

    /** All stored versions with a name, of one kind or of all kinds but bundle functions, most recently active first. */
    List<Version> list(Handle handle, long integration, String name, Optional<Kind> kind) {
        return handle.createQuery(LIST)
                .bind("integration", integration)
                .bind("name", name)
                .bind("kind", kind.map(Kind::wire).orElse(""))
                .map((row, _) -> read(row))
                .list();
    }

    private static Version read(ResultSet row) throws SQLException {
        return new Version(
                Functions.read(row),
                row.getBoolean("active"),
                row.getTimestamp("created_at").toInstant(),
                Optional.ofNullable(row.getString("created_by")),
                Optional.ofNullable(row.getString("deployed_by")));
    }

    /** Deactivates a version; it stays stored. */
    void retire(Handle handle, Function function) {
        handle.createUpdate(RETIRE).bind("id", function.id()).execute();
    }

    /** Stores and activates an upload in place of the previous version. An identical upload is the same version. */
    Function deploy(
            Handle handle,
            long environment,
            long integration,
            Draft draft,
            Optional<Function> before,
            String version,
            Origin origin) {
        var same =
                before.filter(draft::isStoredAs).filter(f -> f.version().equals(version) || f.kind() == Kind.ON_EVENT);
        long id;
        if (same.isPresent()) {
            id = same.get().id();
            renew(handle, id, version, origin);
        } else {
            before.ifPresent(b -> retire(handle, b));
            id = add(
                    handle,
                    environment,
                    integration,
                    draft,
                    before.map(Function::enabled).orElse(true),
                    version,
                    origin);
        }
        return functions.find(handle, id).orElseThrow();
    }

    private static void renew(Handle handle, long id, String version, Origin origin) {
        handle.createUpdate(RENEW)
                .bind("id", id)
                .bind("version", version)
                .bind("source", origin.source())
                .bind("sdkVersion", origin.sdkVersion().orElse(null))
                .bind("by", origin.by())
                .execute();
    }

    private long add(
            Handle handle,
            long environment,
            long integration,
            Draft draft,
            boolean enabled,
            String version,
            Origin origin) {
        return handle.createQuery(ADD)
                .bind("environment", environment)
                .bind("integration", integration)
                .bind("kind", draft.key().kind().wire())
                .bind("name", draft.key().name())
                .bind("event", draft.key().event())
                .bind("version", version)
                .bind("enabled", enabled)
                .bind("source", origin.source())
                .bind("sdkVersion", origin.sdkVersion().orElse(null))
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
                .bind("bundle", draft.bundle().map(Json::text).orElse(null))
                .bind("code", code.add(handle, draft.js(), draft.ts()))
                .bind("by", origin.by())
                .mapTo(Long.class)
                .one();
    }

    /** Activates a stored version; it is enabled or disabled like the version that it replaces. */
    Function restore(Handle handle, Function version, Optional<Function> before, String by) {
        before.ifPresent(b -> retire(handle, b));
        handle.createUpdate(RESTORE)
                .bind("id", version.id())
                .bind("enabled", before.map(Function::enabled).orElse(true))
                .bind("by", by)
                .execute();
        return functions.find(handle, version.id()).orElseThrow();
    }

    /** Deletes the oldest versions of a function beyond a number; returns how many. */
    int prune(Handle handle, Function function, int keep) {
        return handle.createUpdate(PRUNE)
                .bind("integration", function.integrationId())
                .bind("kind", function.kind().wire())
                .bind("name", function.name())
                .bind("event", function.event())
                .bind("keep", keep)
                .execute();
    }
}
