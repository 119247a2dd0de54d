package dev.millrace.server.connect;

import dev.millrace.server.http.Json;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.node.ObjectNode;

/**
 * An authorisation under way, kept until the person comes back from the provider.
 *
 * @param target the connection that is authorised again
 * @param callbackUrl where the provider sends the person back to
 * @param kept what the login needs when the person comes back
 * @param config of the connection to be
 * @param overrides {@code oauth_client_id_override} and the like, as they were sent
 * @param session the number of the connect session, which may have expired by then; its terms are kept here
 * @param webSocket the page that waits for the outcome
 */
record AuthFlow(
        long environmentId,
        String integration,
        String connectionId,
        OptionalLong target,
        String callbackUrl,
        ObjectNode kept,
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
        webSocket.ifPresent(id -> json.put("web_socket", id));
        json.set("kept", kept);
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
                object(json, "kept"),
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
