package dev.millrace.server.connect;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Provider;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Combines the configuration of a new connection from all sources of a login. */
final class ConnectionConfig {
    private ConnectionConfig() {}

    /**
     * Later sources win: values of the token response, values of the redirect's query, values that the flow began with.
     * An empty value of the flow does not replace a value that was found.
     *
     * @param raw the token response
     * @param overrides as they were sent with the flow
     */
    static ObjectNode after(
            Provider provider, ObjectNode begun, JsonNode raw, Map<String, String> query, ObjectNode overrides) {
        var config = Json.object();
        for (var path : provider.definition().path("token_response_metadata")) {
            var name = path.asString("");
            at(raw, name).filter(value -> value.isString() || value.isBoolean()).ifPresent(v -> config.set(name, v));
        }
        for (var name : provider.definition().path("redirect_uri_metadata")) {
            var value = query.get(name.asString(""));
            if (value != null) {
                config.put(name.asString(""), value);
            }
        }
        begun.properties().forEach(field -> {
            boolean empty = field.getValue().isString()
                    && field.getValue().stringValue().isEmpty();
            if (!empty || !config.has(field.getKey())) {
                config.set(field.getKey(), field.getValue());
            }
        });
        if (overrides.has("oauth_refresh_token_override")) {
            config.put("overrideTokenRefresh", true);
        }
        return config;
    }

    /** A key that equals the whole dotted path wins over a nested value. */
    static Optional<JsonNode> at(JsonNode node, String path) {
        var whole = node.get(path);
        return Optional.ofNullable(whole != null ? whole : node.at('/' + path.replace('.', '/')))
                .filter(value -> !value.isMissingNode() && !value.isNull());
    }
}
