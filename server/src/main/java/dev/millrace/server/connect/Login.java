package dev.millrace.server.connect;

import dev.millrace.server.credential.ClientOverride;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.credential.TokenContext;
import dev.millrace.server.credential.TokenFailure;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.provider.Provider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How people log in at providers of some auth modes: they are sent there, and come back with something. Thread-safe. */
interface Login {
    String CLIENT_ID = "oauth_client_id_override";
    String CLIENT_SECRET = "oauth_client_secret_override";
    String REFRESH_TOKEN = "oauth_refresh_token_override";

    /**
     * Finds out where to send the person.
     *
     * @throws AuthError when the login cannot begin
     * @throws TokenFailure when the provider does not let it begin
     */
    Begun begin(Start start) throws InterruptedException;

    /**
     * Makes credentials of what the person came back with.
     *
     * @throws AuthError when they cannot be made of it
     * @throws TokenFailure when the provider gives none
     */
    Result complete(Back back) throws InterruptedException;

    /**
     * What a login begins with.
     *
     * @param query of the request
     * @param overrides {@code oauth_client_id_override} and the like, as they were sent
     * @param redirectUri where the provider sends the person back to
     */
    record Start(Flow flow, ObjectNode query, ObjectNode overrides, String redirectUri, String state) {
        Provider provider() {
            return flow.provider();
        }

        Integration integration() {
            return flow.integration();
        }

        TokenContext context() {
            return new TokenContext(flow.provider(), flow.integration(), flow.config());
        }

        ClientOverride client() {
            return new ClientOverride(text(overrides, CLIENT_ID), text(overrides, CLIENT_SECRET));
        }

        Optional<String> clientId() {
            return client().id().or(() -> integrationText("client_id"));
        }

        Optional<String> clientSecret() {
            return client().secret().or(() -> integrationText("client_secret"));
        }

        /** @throws AuthError when there is no client to log in with */
        String completeClient(boolean needsSecret) {
            if (clientId().isEmpty() || (needsSecret && clientSecret().isEmpty())) {
                throw new AuthError(
                        AuthError.PROVIDER_CONFIG,
                        "The integration " + integration().uniqueKey()
                                + " has no client id and secret yet: set them with PATCH /integrations/"
                                + integration().uniqueKey() + ".");
            }
            return clientId().get();
        }

        Optional<String> integrationText(String name) {
            return integration().credentials().flatMap(credentials -> text(credentials, name));
        }

        List<String> scopes() {
            if (flow.config().has("oauth_scopes_override")) {
                return flow.config()
                        .get("oauth_scopes_override")
                        .valueStream()
                        .map(scope -> scope.asString(""))
                        .toList();
            }
            return integrationText("scopes").map(SessionInput::scopes).orElse(List.of());
        }

        /** Parameters of the authorisation; the session's stand in for those of the query. */
        ObjectNode parameters() {
            var defaults = flow.session().terms().defaults(integration().uniqueKey());
            var parameters = defaults.get("authorization_params") instanceof ObjectNode set
                    ? set.deepCopy()
                    : query.get("authorization_params") instanceof ObjectNode given ? given.deepCopy() : Json.object();
            text(defaults, "user_scopes").ifPresent(scopes -> parameters.put("user_scope", scopes));
            return parameters;
        }
    }

    /**
     * A login that has begun.
     *
     * @param location where the person is sent
     * @param config of the connection to be
     * @param kept what has to be known when the person comes back
     */
    record Begun(String location, ObjectNode config, ObjectNode kept) {}

    /**
     * A person comes back.
     *
     * @param query of the address they were sent back to
     */
    record Back(AuthFlow flow, TokenContext context, Map<String, String> query) {
        ClientOverride client() {
            return new ClientOverride(flow.override(CLIENT_ID), flow.override(CLIENT_SECRET));
        }

        /** @throws AuthError when it is missing or empty */
        String required(String name) {
            var value = query.get(name);
            if (value == null || value.isEmpty()) {
                var detail = CallbackPage.detail(query);
                throw new AuthError(
                        "callback_err",
                        detail.isEmpty()
                                ? "The provider sent no " + name + "."
                                : "The provider refused: "
                                        + detail.path("error_description")
                                                .asString(detail.path("error").asString(Json.text(detail))));
            }
            return value;
        }

        /** The configuration of the connection; what the flow began with wins. */
        ObjectNode config(JsonNode raw) {
            return ConnectionConfig.after(context.provider(), flow.config(), raw, query, flow.overrides());
        }
    }

    /**
     * What has come of a login.
     *
     * @param pending somebody else has to approve it before the connection works
     * @param existing the connection that is authorised again though nobody asked for that
     */
    record Result(Credentials credentials, ObjectNode config, boolean pending, Optional<String> existing) {
        static Result of(Credentials credentials, ObjectNode config) {
            return new Result(credentials, config, false, Optional.empty());
        }
    }

    /** What a page asks for by overrides; a refresh token alone is not looked at. */
    static ObjectNode overrides(ObjectNode query) {
        var overrides = Json.object();
        for (var name : List.of(CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN)) {
            text(query.path("credentials"), name).ifPresent(text -> overrides.put(name, text));
        }
        return overrides.has(CLIENT_ID) || overrides.has(CLIENT_SECRET) ? overrides : Json.object();
    }

    /** A text that is not empty. */
    static Optional<String> text(JsonNode node, String name) {
        return node.path(name).stringValueOpt().filter(text -> !text.isEmpty());
    }
}
