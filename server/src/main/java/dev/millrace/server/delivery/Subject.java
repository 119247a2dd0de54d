package dev.millrace.server.delivery;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.http.Json;
import java.util.OptionalLong;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whom an event is about.
 *
 * @param connection the internal id; empty when it is about no connection
 * @param integration as applications name it
 * @param connectionId as applications name it; empty text when it is about none
 */
public record Subject(long environment, OptionalLong connection, String integration, String connectionId) {
    public static Subject of(Connection connection) {
        return new Subject(
                connection.environmentId(),
                OptionalLong.of(connection.id()),
                connection.integration(),
                connection.connectionId());
    }

    /** The beginning of every body of ours. */
    ObjectNode body(String type) {
        return Json.object()
                .put("from", "nango")
                .put("type", type)
                .put("connectionId", connectionId)
                .put("providerConfigKey", integration);
    }
}
