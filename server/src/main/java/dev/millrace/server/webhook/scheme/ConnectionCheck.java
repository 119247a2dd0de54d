package dev.millrace.server.webhook.scheme;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Verifies a webhook with a secret from the metadata of the matched connection. Thread-safe. */
public interface ConnectionCheck {
    /**
     * Verifies the webhook.
     *
     * @param metadata metadata of the connection
     * @return the refusal; empty if the webhook is genuine, or if the connection has no secret and the rules require
     *     none
     */
    Optional<WebhookRefusal> check(JsonNode metadata);
}
