package dev.millrace.server.credential;

import static dev.millrace.server.credential.CredentialJson.optional;
import static dev.millrace.server.credential.CredentialJson.put;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A connection's own client id and secret ({@code config_override}), used instead of the integration's. */
public record ClientOverride(Optional<String> id, Optional<String> secret) {
    public static final ClientOverride NONE = new ClientOverride(Optional.empty(), Optional.empty());

    private static final String NAME = "config_override";

    static ClientOverride in(JsonNode credentials) {
        var node = credentials.path(NAME);
        return new ClientOverride(optional(node, "client_id"), optional(node, "client_secret"));
    }

    static ClientOverride imported(Fields fields) {
        if (!fields.has(NAME)) {
            fields.any(NAME);
            return NONE;
        }
        var override = fields.object(NAME);
        var given = new ClientOverride(
                override.optionalText("client_id", Text.SHORT),
                override.optionalText("client_secret", Text.between(1, 2048)));
        override.close();
        return given;
    }

    boolean isEmpty() {
        return id.isEmpty() && secret.isEmpty();
    }

    ObjectNode json() {
        var node = Json.object();
        put(node, "client_id", id);
        put(node, "client_secret", secret);
        return node;
    }

    @Override
    public String toString() {
        return "ClientOverride[***]";
    }
}
