package dev.millrace.server.connect;

import dev.millrace.server.http.Json;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.node.ObjectNode;

/**
 * An authorisation in progress, stored until the person returns from the provider.
 *
 * @param target the connection to reconnect
 * @param callbackUrl where the provider redirects the person to
 * @param verifier of PKCE
 * @param config of the new connection
 * @param overrides {@code oauth_client_id_override} and the like, as they were sent
 * @param session the number of the connect session. The session may be deleted before the person returns, so its terms
 * are copied here
 * @param webSocket the page that waits for the outcome
 */
record AuthFlow(
        long environmentId,
        String integration,
        String connectionId,
        OptionalLong target,
        String callbackUrl,
        Optional<String> verifier,
        ObjectNode config,
        ObjectNode overrides,
        long session,
        SessionTerms terms,
        Optional<String> webSocket) {

    Optional<String> override(String name) {
        return overrides.path(name).stringValueOpt().filter(text -> !text.isEmpty());
    }

    /** The stored form, without the environment. */
    ObjectNode json() {
        var json = Json.object()
                .put("integration", integration)
                .put("connection_id", connectionId)
                .put("callback_url", callbackUrl)
                .put("session", session);
        target.ifPresent(id -> json.put("target", id));
        verifier.ifPresent(text -> json.put("verifier", text));
        webSocket.ifPresent(id -> json.put("web_socket", id));
        json.set("config", config);
        json.set("overrides", overrides);
        json.set("terms", terms.json());
        return json;
    }

    static AuthFlow parse(long environmentId, ObjectNode json) {
        return new AuthFlow(
                environmentId,
                json.path("integration").asString(),
                json.path("connection_id").asString(),
                json.has("target") ? OptionalLong.of(json.get("target").longValue()) : OptionalLong.empty(),
                json.path("callback_url").asString(),
                json.path("verifier").stringValueOpt(),
                object(json, "config"),
                object(json, "overrides"),
                json.path("session").longValue(),
                new SessionTerms(object(json, "terms")),
                json.path("web_socket").stringValueOpt());
    }

    private static ObjectNode object(ObjectNode json, String name) {
        return json.get(name) instanceof ObjectNode object ? object : Json.object();
    }

    @Override
    public String toString() {
        return "AuthFlow[" + integration + ']';
    }
}
