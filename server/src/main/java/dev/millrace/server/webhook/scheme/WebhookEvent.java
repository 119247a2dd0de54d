package dev.millrace.server.webhook.scheme;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One event of a webhook. A call may contain several events.
 *
 * @param body the input of functions
 * @param type the type from the body, or a computed type
 * @param headerType the type from a header
 * @param id the provider's id of the event, by which repeated deliveries are recognised
 * @param match selects the matched connections
 * @param check the verification that needs a secret of the matched connection
 */
public record WebhookEvent(
        JsonNode body,
        Optional<String> type,
        Optional<String> headerType,
        Optional<String> id,
        Match match,
        Optional<ConnectionCheck> check) {}
