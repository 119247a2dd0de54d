package dev.millrace.server.integration;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * The secret of an integration's webhooks. Callers may write it as one of the credentials or as a custom value; it is
 * one field, which is stored as a custom value.
 */
final class WebhookSecret {
    static final String SETTING = "webhookSecret";
    static final String CREDENTIAL = "webhook_secret";
    static final String FORWARD_SPLIT = "webhookForwardSplit";
    static final String SYNC_MUTED = "webhookSyncMuted";

    /** The custom values that an integration may have whatever its provider is. */
    static final List<String> SETTINGS = List.of(
            SETTING,
            "webhookSecretHeader",
            "webhookTokenRequired",
            "webhookAudience",
            "webhookServiceAccount",
            FORWARD_SPLIT,
            SYNC_MUTED);

    private WebhookSecret() {}

    /**
     * Moves the secret from the credentials to the custom values; an empty one is removed.
     *
     * @param given the credentials of the request
     * @param stored the credentials until now, which may still contain it
     * @param settings the custom values of the request
     * @param custom all custom values, with those of the request
     */
    static void move(
            Optional<ObjectNode> given, Optional<ObjectNode> stored, Optional<ObjectNode> settings, ObjectNode custom) {
        stored.map(credentials -> credentials.remove(CREDENTIAL)).ifPresent(secret -> {
            if (!custom.has(SETTING)) {
                custom.set(SETTING, secret);
            }
        });
        given.map(credentials -> credentials.remove(CREDENTIAL)).ifPresent(secret -> {
            if (settings.isEmpty() || !settings.get().has(SETTING)) {
                custom.set(SETTING, secret);
            }
        });
        if (custom.path(SETTING).asString("").isEmpty()) {
            custom.remove(SETTING);
        }
    }
}
