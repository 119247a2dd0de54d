package dev.millrace.server.delivery;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.http.Json;
import java.util.OptionalLong;
import tools.jackson.databind.node.ObjectNode;

/**
 * The connection that an event concerns.
 *
 * @param environment the internal id of the environment
 * @param connection the internal id of the connection; empty if the event concerns no stored connection
 * @param integration the unique key of the integration
 * @param connectionId the public id of the connection; empty text if there is none
 */
public record Subject(long environment, OptionalLong connection, String integration, String connectionId) {
    public static Subject of(Connection connection) {
        return new Subject(
                connection.environmentId(),
                OptionalLong.of(connection.id()),
                connection.integration(),
                connection.connectionId());
    }

    /** A new body with the fields that all bodies in Nango's format share. */
    ObjectNode body(String type) {
        return Json.object()
                .put("from", "nango")
                .put("type", type)
                .put("connectionId", connectionId)
                .put("providerConfigKey", integration);
    }
}
