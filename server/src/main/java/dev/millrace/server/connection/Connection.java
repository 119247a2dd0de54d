package dev.millrace.server.connection;

import dev.millrace.server.credential.AuthFailure;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.credential.StoredCredentials;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A customer's account at a provider, as stored.
 *
 * @param id the internal id; {@code connectionId} is the public one
 * @param credentialsVersion grows with every change of the credentials
 * @param metadata JSON text; empty when there is none
 * @param metadataVersion grows with every change of the metadata; 0 when it was never set
 * @param tags JSON text
 * @param endUser JSON text
 * @param errors JSON text: open problems of its syncs
 * @param authFailure why the credentials do not work; empty when they do
 */
public record Connection(
        long id,
        long environmentId,
        long integrationId,
        String connectionId,
        String integration,
        String provider,
        Credentials credentials,
        long credentialsVersion,
        ObjectNode config,
        Optional<String> metadata,
        long metadataVersion,
        String tags,
        Optional<String> endUser,
        Optional<String> webhookUrlOverride,
        String errors,
        Optional<AuthFailure> authFailure,
        Instant createdAt,
        Instant updatedAt,
        Optional<Instant> lastFetchedAt) {

    /** The credentials, with what is needed to renew them. */
    public StoredCredentials storedCredentials() {
        return new StoredCredentials(
                id,
                environmentId,
                integration,
                connectionId,
                provider,
                credentials,
                config,
                credentialsVersion,
                authFailure);
    }

    @Override
    public String toString() {
        return "Connection[" + connectionId + " of " + integration + ']';
    }
}
