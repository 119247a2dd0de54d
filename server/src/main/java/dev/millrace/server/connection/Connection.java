package dev.millrace.server.connection;

import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A customer's account at a provider, as stored.
 *
 * @param id the internal id; {@code connectionId} is the public one
 * @param metadata JSON text; empty when there is none
 * @param metadataVersion grows with every change of the metadata; 0 when it was never set
 * @param tags JSON text
 * @param endUser JSON text
 * @param errors JSON text: open problems
 */
public record Connection(
        long id,
        long environmentId,
        long integrationId,
        String connectionId,
        String integration,
        String provider,
        ObjectNode credentials,
        ObjectNode config,
        Optional<String> metadata,
        long metadataVersion,
        String tags,
        Optional<String> endUser,
        Optional<String> webhookUrlOverride,
        String errors,
        Instant createdAt,
        Instant updatedAt,
        Optional<Instant> lastFetchedAt) {

    @Override
    public String toString() {
        return "Connection[" + connectionId + " of " + integration + ']';
    }
}
