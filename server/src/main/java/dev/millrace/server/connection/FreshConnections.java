package dev.millrace.server.connection;

import dev.millrace.server.credential.RefreshFailure;
import dev.millrace.server.credential.TokenFailure;
import dev.millrace.server.credential.TokenRefresh;
import dev.millrace.server.http.Failure;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Returns connections with fresh credentials. Thread-safe. */
public final class FreshConnections {
    private final Connections connections;
    private final TokenRefresh refresh;

    public FreshConnections(Connections connections, TokenRefresh refresh) {
        this.connections = connections;
        this.refresh = refresh;
    }

    /**
     * The connection, with a renewed token if necessary.
     *
     * @param connection as just read
     * @param force renew the token in any case
     * @throws RefreshFailure when it has expired and cannot be renewed
     */
    public Connection of(Connection connection, boolean force) throws InterruptedException {
        return refresh.ensure(connection.storedCredentials(), force)
                ? connections.find(connection.id()).orElseThrow(FreshConnections::gone)
                : connection;
    }

    /** Adds a token by which the app of a connection itself is known, if it has one. */
    void addAppJwt(Connection connection, ObjectNode shown) {
        appJwt(connection).ifPresent(jwt -> {
            ((ObjectNode) shown.get("credentials")).put("jwtToken", jwt);
            shown.set(
                    "connection_config",
                    ((ObjectNode) shown.get("connection_config")).deepCopy().put("jwtToken", jwt));
        });
    }

    private Optional<String> appJwt(Connection connection) {
        try {
            return refresh.appJwt(connection.storedCredentials());
        } catch (TokenFailure e) {
            throw Failure.plain(400, "invalid_credentials", String.valueOf(e.getMessage()));
        }
    }

    private static Failure gone() {
        return Failure.plain(404, "not_found", "The connection was deleted.");
    }

    /** The error for callers that request a connection whose credentials do not work. */
    public Failure refused(Connection connection, RefreshFailure failure) {
        var now = connections.find(connection.id()).orElse(connection);
        return ConnectionJson.refused(now, failure);
    }
}
