package dev.millrace.server.connection;

import dev.millrace.server.credential.RefreshFailure;
import dev.millrace.server.environment.UrlRule;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.integration.Integrations;
import java.time.Clock;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code /connections}: list, get, change, delete. The older path {@code /connection} works too. */
public final class ConnectionRoutes {
    private static final int MOST = 10_000;

    private final Connections connections;
    private final FreshConnections fresh;
    private final Integrations integrations;
    private final Removal removal;
    private final UrlRule urls;
    private final Clock clock;

    /** Deletes a connection and everything that depends on it. */
    public interface Removal {
        void remove(Connection connection) throws InterruptedException;
    }

    /** @param urls which addresses of webhooks are accepted */
    public ConnectionRoutes(
            Connections connections,
            FreshConnections fresh,
            Integrations integrations,
            Removal removal,
            UrlRule urls,
            Clock clock) {
        this.connections = connections;
        this.fresh = fresh;
        this.integrations = integrations;
        this.removal = removal;
        this.urls = urls;
        this.clock = clock;
    }

    public List<Route> routes() {
        var list = List.of("environment:connections:list", "environment:connections:list_credentials");
        var read = List.of("environment:connections:read", "environment:connections:read_credentials");
        return List.of(
                new Route("GET", "/connections", list, false, this::list),
                new Route("GET", "/connection", list, false, this::list),
                new Route("GET", "/connections/{connectionId}", read, false, this::get),
                new Route("GET", "/connection/{connectionId}", read, false, this::get),
                Route.patch("/connections/{connectionId}", this::patch, "environment:connections:update"),
                Route.delete("/connections/{connectionId}", this::delete, "environment:connections:delete"),
                Route.delete("/connection/{connectionId}", this::delete, "environment:connections:delete"));
    }

    private Response list(Request request) {
        var query = request.query();
        var connectionId = query.optionalText("connectionId", Text.SHORT).orElse(null);
        var search = query.optionalText("search", Text.SHORT).orElse(null);
        var endUser = query.optionalText("endUserId", Text.SHORT).orElse(null);
        var organization =
                query.optionalText("endUserOrganizationId", Text.SHORT).orElse(null);
        var integration = query.optionalText("integrationId", Text.ANY);
        var tags = Tags.read(query, "tags", 1).orElseGet(Json::object);
        var metadata = metadata(query);
        var limit = query.optionalInt("limit", 1, 2_000).orElse(MOST);
        var page = query.optionalInt("page", 0, Integer.MAX_VALUE).orElse(0);
        query.end();
        var filter = new Connections.Filter(
                connectionId, search, endUser, organization, commaList(integration), tags, metadata, limit, page);
        var body = Json.object();
        var items = body.putArray("connections");
        connections.list(request.environment(), filter).forEach(c -> items.add(ConnectionJson.item(c)));
        return Response.ok(body);
    }

    /** Metadata values to search for, by path. */
    private static Map<String, String> metadata(Fields query) {
        var values = new LinkedHashMap<String, String>();
        if (query.any("metadata").isPresent()) {
            for (var entry : query.record("metadata").properties()) {
                if (entry.getValue().isString()) {
                    values.put(entry.getKey(), entry.getValue().stringValue());
                } else {
                    query.issue("invalid_type", "Invalid input: expected string", "metadata", entry.getKey());
                }
            }
        }
        return values;
    }

    private static List<String> commaList(Optional<String> text) {
        return text.map(t -> Arrays.stream(t.split(",", -1))
                        .map(String::strip)
                        .filter(s -> !s.isEmpty())
                        .toList())
                .orElse(List.of());
    }

    private Response get(Request request) throws InterruptedException {
        var query = request.query();
        var key = query.text("provider_config_key", Text.INTEGRATION_ID);
        var withRefreshToken = query.wordFlag("refresh_token", false);
        var force = query.wordFlag("force_refresh", false);
        var jwt = query.wordFlag("refresh_github_app_jwt_token", false);
        query.end();
        var id = connectionId(request);
        boolean secrets = request.caller().may("environment:connections:read_credentials");
        if (!secrets && (withRefreshToken || force || jwt)) {
            throw Failure.plain(
                    403,
                    "forbidden",
                    "This API key lacks the scope \"environment:connections:read_credentials\", which refresh_token,"
                            + " force_refresh and refresh_github_app_jwt_token need.");
        }
        var connection = find(request.environment(), key, id);
        if (!secrets) {
            return shown(connection, ConnectionJson.bare(connection, connection.lastFetchedAt()));
        }
        connections.fetched(connection);
        var current = fresh(connection, force);
        var body = ConnectionJson.shown(current, Optional.of(clock.instant()), withRefreshToken);
        if (jwt) {
            fresh.addAppJwt(current, body);
        }
        return shown(current, body);
    }

    private Connection fresh(Connection connection, boolean force) throws InterruptedException {
        try {
            return fresh.of(connection, force);
        } catch (RefreshFailure e) {
            throw fresh.refused(connection, e);
        }
    }

    /**
     * The ETag is that of the metadata, for If-Match. The response contains more than the metadata, so it is never
     * replaced by 304.
     */
    private static Response shown(Connection connection, ObjectNode body) {
        return new Response.Always(200, Response.version(connection.metadataVersion()), Json.bytes(body));
    }

    private static String connectionId(Request request) {
        var path = request.path();
        var id = path.text("connectionId", Text.CONNECTION_ID);
        path.end();
        return id;
    }

    /** The connection, or the contract's error for an unknown integration or connection. */
    private Connection find(long environment, String key, String id) {
        return connections.find(environment, key, id).orElseThrow(() -> {
            if (integrations.find(environment, key).isEmpty()) {
                return Failure.plain(400, "unknown_provider_config", "Provider does not exists");
            }
            return Failure.plain(404, "not_found", "Failed to find connection");
        });
    }

    private Response patch(Request request) {
        var query = request.query();
        var key = query.text("provider_config_key", Text.INTEGRATION_ID);
        query.end();
        var body = request.bodyFields();
        var endUser = Tags.endUser(body);
        var tags = Tags.read(body, "tags", 1);
        var webhook = urls.optional(body, "webhook_url_override").orElse(null);
        body.end();
        var connection = find(request.environment(), key, connectionId(request));
        connections.patch(connection, newTags(endUser, tags), endUser.orElse(null), webhook);
        return Response.success();
    }

    /** Without either field the tags do not change. */
    private static @Nullable ObjectNode newTags(Optional<ObjectNode> endUser, Optional<ObjectNode> tags) {
        if (endUser.isEmpty() && tags.isEmpty()) {
            return null;
        }
        return Tags.derive(endUser, tags)
                .orElseThrow(() -> Failure.refusedBody("A connection has at most 10 tags, derived ones included."));
    }

    private Response delete(Request request) throws InterruptedException {
        var id = connectionId(request);
        var query = request.query();
        var key = query.text("provider_config_key", Text.INTEGRATION_ID);
        query.end();
        var connection = connections
                .find(request.environment(), key, id)
                .orElseThrow(() -> new Failure.Plain(400, "unknown_connection", null));
        removal.remove(connection);
        return Response.success();
    }
}
