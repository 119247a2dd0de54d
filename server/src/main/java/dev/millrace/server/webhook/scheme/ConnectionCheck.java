package dev.millrace.server.webhook.scheme;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Verifies a webhook with a secret that the matched connection has in its metadata. */
public interface ConnectionCheck {
    /** @param metadata of the connection; the refusal is empty when the webhook is genuine or the connection has no secret */
    Optional<WebhookRefusal> check(JsonNode metadata);
}
