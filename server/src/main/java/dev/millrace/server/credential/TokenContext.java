package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.provider.Provider;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The connection, integration and provider of a token call.
 *
 * @param config the connection's {@code connection_config}
 */
public record TokenContext(Provider provider, Integration integration, ObjectNode config) {
    JsonNode definition() {
        return provider.definition();
    }

    Optional<String> integrationText(String name) {
        return integration.credentials().flatMap(credentials -> CredentialJson.optional(credentials, name));
    }

    /** A value of the integration is used where the connection has none. */
    public ObjectNode effectiveConfig() {
        var merged = Json.object();
        var declared = provider.block("connection_config").orElseGet(Json::object);
        for (var field : integration.custom().properties()) {
            if (declared.has(field.getKey())) {
                merged.set(field.getKey(), field.getValue());
            }
        }
        config.properties().forEach(field -> {
            if (!field.getValue().asString("-").isEmpty()) {
                merged.set(field.getKey(), field.getValue());
            }
        });
        return merged;
    }

    @Override
    public String toString() {
        return "TokenContext[" + provider.name() + ']';
    }
}
