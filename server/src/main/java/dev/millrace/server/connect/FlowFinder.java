package dev.millrace.server.connect;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Text;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.provider.AuthMode;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Finds the integration and the session that a page's request refers to. Thread-safe. */
public final class FlowFinder {
    private final ConnectSessions sessions;
    private final Connections connections;
    private final Integrations integrations;
    private final Providers providers;

    public FlowFinder(
            ConnectSessions sessions, Connections connections, Integrations integrations, Providers providers) {
        this.sessions = sessions;
        this.connections = connections;
        this.integrations = integrations;
        this.providers = providers;
    }

    Connections connections() {
        return connections;
    }

    /** @throws Failure when the provider of the integration has another mode */
    Flow find(Request request, AuthMode mode) {
        var flow = find(request);
        var provider = flow.provider();
        if (provider.authMode() != mode) {
            throw Failure.plain(
                    400,
                    "invalid_auth_mode",
                    "The provider " + provider.name() + " does not support " + mode + ": it uses " + provider.authMode()
                            + ".");
        }
        return flow;
    }

    Flow find(Request request) {
        var session = session(request.query());
        var query = request.query();
        var params = params(query);
        query.end();
        var path = request.path();
        var key = path.text("providerConfigKey", Text.INTEGRATION_ID);
        path.end();
        var integration = integrations
                .find(session.environmentId(), key)
                .orElseThrow(
                        () -> Failure.plain(404, "unknown_provider_config", "There is no integration " + key + "."));
        var provider = providers
                .find(integration.provider())
                .orElseThrow(() -> Failure.plain(
                        404,
                        "unknown_provider_template",
                        "The provider " + integration.provider() + " is not in the catalogue."));
        if (!session.allows(key)) {
            throw Failure.plain(
                    400, "integration_not_allowed", "This connect session is not for the integration " + key + ".");
        }
        // A host among them would receive the integration's client secret.
        integration
                .preset(provider.block("connection_config").orElseGet(Json::object))
                .forEach(params::remove);
        // Webhooks find their connection by values that the provider has told, not the customer.
        provider.told().forEach(params::remove);
        return new Flow(session, integration, provider, config(session, key, params), target(session));
    }

    /** The data that a returning authorisation needs. */
    record Resumed(Integration integration, Provider provider) {}

    /** @throws AuthError when the session, the integration, the provider or the connection has been deleted meanwhile */
    Resumed resume(AuthFlow flow) {
        if (!sessions.exists(flow.session())) {
            throw new AuthError(
                    "unknown_err",
                    "The connect session was ended meanwhile: the application has to create another one.");
        }
        if (flow.target().isPresent()
                && connections.find(flow.target().getAsLong()).isEmpty()) {
            throw new AuthError("unknown_err", "The connection that was to be authorised again is gone.");
        }
        var integration = integrations
                .find(flow.environmentId(), flow.integration())
                .orElseThrow(() -> new AuthError(
                        AuthError.UNKNOWN_CONFIG, "There is no integration " + flow.integration() + " any more."));
        var provider = providers
                .find(integration.provider())
                .orElseThrow(() -> new AuthError(
                        AuthError.PROVIDER_CONFIG,
                        "The provider " + integration.provider() + " is not in the catalogue any more."));
        return new Resumed(integration, provider);
    }

    private ConnectSession session(Fields query) {
        var token = query.any("connect_session_token").map(node -> node.asString(""));
        if (token.isPresent()) {
            return sessions.find(token.get());
        }
        if (query.has("public_key")) {
            throw Failure.plain(
                    401,
                    "deprecated_authentication",
                    "Public keys are not supported: create a connect session and send connect_session_token.");
        }
        throw new Failure.Typed(
                401,
                "missing_public_key",
                "Authentication failed. Create a connect session and send connect_session_token.");
    }

    private static ObjectNode params(Fields query) {
        query.any("connect_session_token");
        query.any("hmac");
        query.any("user_scope");
        query.any("ws_client_id");
        query.any(OAuthRoutes.REDIRECTED);
        query.optionalRecord("authorization_params");
        query.optionalRecord("credentials");
        if (query.any("connection_id").isPresent()) {
            query.issue("custom", "With a connect session the connection id is chosen by the server", "connection_id");
        }
        var params = Json.object();
        query.optionalRecord("params")
                .ifPresent(given -> given.properties().stream()
                        .filter(field ->
                                field.getValue().isString() && !field.getKey().equals("webhook_url"))
                        .forEach(field -> params.set(field.getKey(), field.getValue())));
        return params;
    }

    private static ObjectNode config(ConnectSession session, String integration, ObjectNode params) {
        var config = params;
        if (session.terms().defaults(integration).get("connection_config") instanceof ObjectNode set) {
            config.setAll(set);
        }
        var scopes = config.path("oauth_scopes_override");
        if (scopes.isString()) {
            var list = SessionInput.scopes(scopes.stringValue());
            config.remove("oauth_scopes_override");
            list.forEach(config.withArray("oauth_scopes_override")::add);
        }
        return config;
    }

    private Optional<Connection> target(ConnectSession session) {
        if (session.connection().isEmpty()) {
            return Optional.empty();
        }
        var found = connections.find(session.connection().getAsLong());
        if (found.isEmpty()) {
            throw Failure.plain(400, "invalid_connection", "The connection that was to be authorised again is gone.");
        }
        return found;
    }
}
