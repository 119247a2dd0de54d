package dev.millrace.server.record;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Text;

/** A connection as the headers name it. */
record NamedConnection(String integration, String connection) {
    static NamedConnection read(Request request) {
        var fields = request.headerFields("Connection-Id", "Provider-Config-Key");
        var connection = fields.text("connection-id", Text.CONNECTION_ID);
        var integration = fields.text("provider-config-key", Text.INTEGRATION_ID);
        fields.end();
        return new NamedConnection(integration, connection);
    }

    /** The internal id of the connection, which must be one of the caller's environment. */
    long id(Request request, ConnectionLookup connections) {
        return connections.find(request.environment(), integration, connection).orElseThrow(NamedConnection::unknown);
    }

    static Failure unknown() {
        return Failure.plain(
                400,
                "unknown_connection",
                "Provided ConnectionId and ProviderConfigKey does not match a valid connection");
    }
}
