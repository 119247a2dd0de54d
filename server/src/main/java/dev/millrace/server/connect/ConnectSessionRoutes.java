package dev.millrace.server.connect;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.UrlRule;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.http.Times;
import dev.millrace.server.integration.Integrations;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** {@code /connect/session} and {@code /connect/sessions}. */
public final class ConnectSessionRoutes {
    private static final String SCOPE = "environment:connect_sessions:write";
    private static final String BEARER = "Bearer ";

    private final ConnectSessions sessions;
    private final Connections connections;
    private final Integrations integrations;
    private final EnvironmentSettings settings;
    private final UrlRule urls;
    private final Supplier<String> url;

    /**
     * @param urls which addresses of webhooks are accepted
     * @param url the public address of this server
     */
    public ConnectSessionRoutes(
            ConnectSessions sessions,
            Connections connections,
            Integrations integrations,
            EnvironmentSettings settings,
            UrlRule urls,
            Supplier<String> url) {
        this.sessions = sessions;
        this.connections = connections;
        this.integrations = integrations;
        this.settings = settings;
        this.urls = urls;
        this.url = url;
    }

    public List<Route> routes() {
        return List.of(
                Route.post("/connect/sessions", this::create, SCOPE),
                Route.post("/connect/sessions/reconnect", this::reconnect, SCOPE),
                Route.get("/connect/session", this::show),
                Route.delete("/connect/session", this::delete));
    }

    private Response create(Request request) {
        request.noQuery();
        var terms = input(request, request.bodyFields()).create();
        return created(sessions.create(request.environment(), terms, OptionalLong.empty()));
    }

    private SessionInput input(Request request, Fields body) {
        return new SessionInput(
                body, key -> integrations.find(request.environment(), key).isPresent(), urls);
    }

    private Response reconnect(Request request) {
        request.noQuery();
        var body = request.bodyFields();
        var connectionId = body.text("connection_id", Text.CONNECTION_ID);
        var key = body.text("integration_id", Text.INTEGRATION_ID);
        var terms = input(request, body).reconnect(key);
        var connection = connections
                .find(request.environment(), key, connectionId)
                .orElseThrow(() ->
                        Failure.refusedBody("The integration " + key + " has no connection " + connectionId + "."));
        return created(sessions.create(request.environment(), terms, OptionalLong.of(connection.id())));
    }

    private Response created(ConnectSessions.Created created) {
        var body = Json.object();
        body.putObject("data")
                .put("token", created.token())
                .put("connect_link", url.get() + "/connect/?session_token=" + created.token())
                .put("expires_at", Times.utc(created.expiresAt()));
        return Response.json(201, body);
    }

    private ConnectSession session(Request request) {
        var header = request.header("Authorization")
                .orElseThrow(() -> new Failure.Typed(
                        401,
                        "missing_auth_header",
                        "Authentication failed. The request is missing the Authorization header."));
        int at = header.lastIndexOf(BEARER);
        return sessions.find(at < 0 ? header : header.substring(at + BEARER.length()));
    }

    private Response show(Request request) {
        var session = session(request);
        request.noQuery();
        var body = Json.object();
        var data = body.putObject("data");
        session.terms().endUser().ifPresentOrElse(user -> data.set("endUser", user), () -> data.putNull("endUser"));
        data.set(
                "connectUISettings",
                settings.get(session.environmentId()).connectUi().json());
        for (var name : List.of("allowed_integrations", "integrations_config_defaults", "overrides")) {
            if (session.terms().json().has(name)) {
                data.set(name, session.terms().json().get(name).deepCopy());
            }
        }
        data.path("integrations_config_defaults").forEach(entry -> {
            if (entry instanceof tools.jackson.databind.node.ObjectNode defaults) {
                defaults.remove("user_scopes");
            }
        });
        if (session.connection().isPresent()) {
            data.put("isReconnecting", true);
        }
        data.put("websocketsPath", "/");
        return Response.ok(body);
    }

    private Response delete(Request request) {
        var session = session(request);
        request.noQuery();
        if (!sessions.delete(session)) {
            throw Failure.plain(400, "server_error", "The connect session does not exist any more.");
        }
        return Response.empty(204);
    }
}
