package dev.millrace.server.connect;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.provider.Provider;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * Somebody connects to an integration by a connect session.
 *
 * @param config of the connection to be: what was sent, and over it what the session sets
 * @param target the connection that is authorised again
 */
record Flow(
        ConnectSession session,
        Integration integration,
        Provider provider,
        ObjectNode config,
        Optional<Connection> target) {

    String connectionId() {
        return target.map(Connection::connectionId)
                .orElseGet(() -> UUID.randomUUID().toString());
    }
}
