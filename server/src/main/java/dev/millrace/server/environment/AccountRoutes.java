package dev.millrace.server.environment;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Issue;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.http.Times;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** Environments and their API keys, for account keys. */
public final class AccountRoutes {
    private static final String ENVIRONMENTS = "/environments";
    private static final String ENVIRONMENT = ENVIRONMENTS + "/{environmentUuid}";
    private static final String KEYS = ENVIRONMENT + "/api-keys";
    private static final String KEY = KEYS + "/{keyUuid}";

    private static final Text ENVIRONMENT_NAME = Text.matching("^[a-z0-9_-]+$");
    private static final Text ANY_UUID =
            Text.matching("^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$");
    private static final String MAY_SET_PRODUCTION = "account:environments:set_production";

    private final Environments environments;
    private final EnvironmentSettings settings;
    private final IssuedKeys keys;
    private final Environments.RemovalHook contents;

    /** @param contents deletes what a deleted environment contains */
    public AccountRoutes(
            Environments environments,
            EnvironmentSettings settings,
            IssuedKeys keys,
            Environments.RemovalHook contents) {
        this.environments = environments;
        this.settings = settings;
        this.keys = keys;
        this.contents = contents;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(ENVIRONMENTS, this::list, "account:environments:list"),
                Route.post(ENVIRONMENTS, this::create, "account:environments:create"),
                Route.delete(ENVIRONMENT, this::delete, "account:environments:delete"),
                Route.get(KEYS, this::listKeys, "account:environments:api_keys:list"),
                Route.post(KEYS, this::createKey, "account:environments:api_keys:create"),
                Route.get(KEY, this::readKey, "account:environments:api_keys:read"),
                Route.delete(KEY, this::deleteKey, "account:environments:api_keys:delete"));
    }

    private Response list(Request request) {
        var query = request.query();
        var name = query.optionalText("name", ENVIRONMENT_NAME);
        query.end();
        var data = Json.array();
        environments
                .list(name.orElse(null))
                .forEach(environment -> data.add(json(environment).put("is_production", environment.isProduction())));
        return Response.ok(Json.object().set("data", data));
    }

    private Response create(Request request) {
        request.noQuery();
        var body = request.bodyFields();
        var name = body.text("name", ENVIRONMENT_NAME);
        boolean named = name.equals(Environments.PRODUCTION);
        boolean production = body.optionalFlag("is_production", named);
        // Accepted because clients send it, but this server does not post to Slack.
        body.optionalFlag("slack_notifications", false);
        var changes = settingsIn(body);
        check(changes);
        body.end();
        if (named && !production) {
            throw Failure.plain(
                    400,
                    "invalid_is_prod_flag",
                    "An environment called \"prod\" is a production one: leave is_production out or set it to true.");
        }
        if (production && !request.caller().may(MAY_SET_PRODUCTION)) {
            throw Failure.plain(
                    403,
                    "forbidden",
                    "Creating a production environment needs the scope \"" + MAY_SET_PRODUCTION + "\".");
        }
        var environment = environments.create(name, production);
        settings.change(environment.id(), Fields.of(Part.BODY, changes));
        return Response.ok(Json.object().set("data", json(environment)));
    }

    /** The settings of a new environment, in the format of a settings change. */
    private static ObjectNode settingsIn(Fields body) {
        var changes = Json.object();
        body.any("callback_url").ifPresent(value -> changes.set("callback_url", value));
        var hmac = Json.object();
        body.any("hmac_key").ifPresent(value -> hmac.set("key", value));
        body.any("hmac_enabled").ifPresent(value -> hmac.set("enabled", value));
        if (!hmac.isEmpty()) {
            changes.set("hmac", hmac);
        }
        var logs = Json.object();
        body.any("otlp_endpoint").ifPresent(value -> logs.set("otlp_endpoint", value));
        body.any("otlp_headers").ifPresent(value -> logs.set("otlp_headers", value));
        if (!logs.isEmpty()) {
            changes.set("logs", logs);
        }
        return changes;
    }

    /** Converts field names of this endpoint to those of settings. */
    private void check(ObjectNode changes) {
        try {
            settings.check(changes);
        } catch (Failure.Invalid e) {
            throw new Failure.Invalid(
                    e.part(),
                    e.issues().stream()
                            .map(issue -> new Issue(issue.code(), issue.message(), named(issue.path())))
                            .toList());
        }
    }

    /** This endpoint calls {@code hmac.key} {@code hmac_key} and {@code logs.otlp_endpoint} {@code otlp_endpoint}. */
    private static List<String> named(List<String> path) {
        var head = path.size() < 2 ? "" : path.getFirst();
        return switch (head) {
            case "hmac" -> List.of("hmac_" + path.get(1));
            case "logs" -> path.subList(1, path.size());
            default -> path;
        };
    }

    private static ObjectNode json(Environment environment) {
        return Json.object()
                .put("id", environment.id())
                .put("uuid", environment.uuid().toString())
                .put("name", environment.name());
    }

    private Response delete(Request request) {
        request.noQuery();
        var environment = environment(request);
        if (environment.isProduction()) {
            throw Failure.plain(400, "cannot_delete_prod_environment", "A production environment cannot be deleted.");
        }
        environments.delete(environment, contents);
        return Response.empty(204);
    }

    private Environment environment(Request request) {
        return environments.find(uuid(request, "environmentUuid")).orElseThrow(IssuedKeys::unknown);
    }

    private static UUID uuid(Request request, String name) {
        var path = request.path();
        var text = path.text(name, ANY_UUID);
        path.end();
        return UUID.fromString(text);
    }

    private Response listKeys(Request request) {
        var query = request.query();
        var name = query.optionalText("display_name", Text.SHORT);
        query.end();
        var data = Json.array();
        keys.list(environment(request).id(), name.orElse(null)).forEach(key -> data.add(withUse(key)));
        return Response.ok(Json.object().set("data", data));
    }

    private Response createKey(Request request) {
        request.noQuery();
        var environment = environment(request);
        var body = request.bodyFields();
        var name = body.text("display_name", Text.SHORT);
        var scopes = body.has("scopes") ? scopes(body) : List.of(Scopes.WHOLE_ENVIRONMENT);
        body.end();
        var created = keys.create(environment.id(), name, scopes);
        return Response.ok(Json.object().set("data", withSecret(json(created.key()), created)));
    }

    private static List<String> scopes(Fields body) {
        var scopes = body.texts("scopes", Text.SHORT);
        for (int i = 0; i < scopes.size(); i++) {
            if (!Scopes.grantsInEnvironment(scopes.get(i))) {
                body.issue(
                        "invalid_value",
                        "Invalid option: \"" + scopes.get(i) + "\" is not a scope of an environment; expected one of "
                                + String.join(", ", Scopes.ENVIRONMENT)
                                + " or a wildcard such as environment:records:*",
                        "scopes",
                        String.valueOf(i));
            }
        }
        if (scopes.isEmpty()) {
            body.issue("too_small", "Too small: expected array to have >=1 items", "scopes");
        }
        return scopes.stream().distinct().toList();
    }

    private Response readKey(Request request) {
        request.noQuery();
        var environment = environment(request);
        var shown = keys.find(environment.id(), uuid(request, "keyUuid")).orElseThrow(IssuedKeys::unknown);
        return Response.ok(Json.object().set("data", withSecret(withUse(shown.key()), shown)));
    }

    private Response deleteKey(Request request) {
        request.noQuery();
        var environment = environment(request);
        if (!keys.delete(environment.id(), uuid(request, "keyUuid"))) {
            throw IssuedKeys.unknown();
        }
        return Response.ok(Json.object().put("success", true));
    }

    private static ObjectNode json(IssuedKeys.Key key) {
        var json = Json.object()
                .put("id", key.id())
                .put("uuid", key.uuid().toString())
                .put("display_name", key.displayName());
        key.scopes().forEach(json.putArray("scopes")::add);
        return json.put("created_at", Times.utc(key.createdAt()));
    }

    private static ObjectNode withUse(IssuedKeys.Key key) {
        return json(key).put("last_used_at", key.lastUsed().map(Times::utc).orElse(null));
    }

    private static ObjectNode withSecret(ObjectNode json, IssuedKeys.Shown shown) {
        return json.put("secret", shown.secret());
    }
}
