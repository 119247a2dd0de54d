package dev.millrace.client;

import static java.util.Objects.requireNonNull;

/**
 * Identifies a connection by its integration and its id.
 *
 * <pre>{@code
 * var acme = new ConnectionRef("hubspot", "customer-42");
 * client.setMetadata(acme, Map.of("region", "emea"));
 * }</pre>
 *
 * Immutable and thread-safe.
 */
public record ConnectionRef(String integration, String connection) {
    public ConnectionRef {
        requireNonNull(integration, "integration");
        requireNonNull(connection, "connection");
    }
}
