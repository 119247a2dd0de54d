package dev.millrace.server.credential;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * The credentials of a connection as they are stored.
 *
 * @param connection the internal id; {@code connectionId} is the public one
 * @param config the connection's {@code connection_config}
 * @param version grows with every change of the credentials
 * @param failure why they do not work; empty when they do
 */
public record StoredCredentials(
        long connection,
        long environment,
        String integration,
        String connectionId,
        String provider,
        Credentials credentials,
        ObjectNode config,
        long version,
        Optional<AuthFailure> failure) {
    @Override
    public String toString() {
        return "StoredCredentials[" + connectionId + " of " + integration + ", version " + version + ']';
    }
}
