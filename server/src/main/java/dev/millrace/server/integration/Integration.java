package dev.millrace.server.integration;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A team's use of a provider in one environment.
 *
 * @param credentials client id and the like, by the provider's mode; secret
 * @param metadataIndex paths into connections' metadata that can be used to look up connections
 * @param custom values of the provider's {@code integration_config}; may hold secrets
 */
public record Integration(
        long id,
        long environmentId,
        String uniqueKey,
        String provider,
        Optional<String> displayName,
        boolean forwardWebhooks,
        Optional<ObjectNode> credentials,
        ObjectNode custom,
        List<String> metadataIndex,
        Instant createdAt,
        Instant updatedAt) {

    public Integration {
        metadataIndex = List.copyOf(metadataIndex);
    }

    /**
     * The fields of a block of the definition that the integration has set for all its connections.
     *
     * @param declared {@code connection_config} or {@code credentials}
     */
    public List<String> preset(ObjectNode declared) {
        return custom.properties().stream()
                .filter(field -> declared.has(field.getKey()))
                .filter(field -> !field.getValue().asString("").isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The secret by which webhooks of the provider are verified, wherever it is stored. */
    public Optional<String> webhookSecret() {
        return custom.path(WebhookSecret.SETTING)
                .stringValueOpt()
                .or(() -> credentials.flatMap(
                        stored -> stored.path(WebhookSecret.CREDENTIAL).stringValueOpt()))
                .filter(secret -> !secret.isEmpty());
    }

    /** Whether each connection receives only its own events of a webhook with events of several connections. */
    public boolean webhookForwardSplit() {
        return isOn(WebhookSecret.FORWARD_SPLIT);
    }

    /** Whether runs of webhook functions are not reported to the application. */
    public boolean webhookSyncMuted() {
        return isOn(WebhookSecret.SYNC_MUTED);
    }

    private boolean isOn(String setting) {
        return custom.path(setting).asString("").equals("true");
    }

    /** A state to be stored; the store sets the times. */
    Integration(
            long id,
            long environmentId,
            String uniqueKey,
            String provider,
            Optional<String> displayName,
            boolean forwardWebhooks,
            Optional<ObjectNode> credentials,
            ObjectNode custom,
            List<String> metadataIndex) {
        this(
                id,
                environmentId,
                uniqueKey,
                provider,
                displayName,
                forwardWebhooks,
                credentials,
                custom,
                metadataIndex,
                Instant.EPOCH,
                Instant.EPOCH);
    }

    @Override
    public String toString() {
        return "Integration[" + uniqueKey + " of " + provider + ']';
    }
}
