package dev.millrace.server.connect;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.provider.Provider;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request to connect to an integration with a connect session.
 *
 * @param config of the new connection: values of the request, overridden by those of the session
 * @param target the connection to reconnect
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
