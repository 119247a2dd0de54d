package dev.millrace.server.webhook.scheme;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One event of a webhook; a provider may send several at once.
 *
 * @param body the input of functions
 * @param type from the body, or computed
 * @param headerType from a header
 * @param id the provider's id of the event, by which repetitions are recognised
 * @param check what is verified with a secret of the matched connection
 */
public record WebhookEvent(
        JsonNode body,
        Optional<String> type,
        Optional<String> headerType,
        Optional<String> id,
        Match match,
        Optional<ConnectionCheck> check) {}
