package dev.millrace.server.delivery;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An event to send to an application.
 *
 * @param orderingKey events of one connection with the same key are sent in order; empty: no order
 * @param last whether this is the last event of the connection; the dispatcher drops later ones
 * @param headers additional headers: lower-case names, text values
 */
record Event(
        Subject subject,
        String type,
        Optional<String> orderingKey,
        boolean last,
        JsonNode body,
        Optional<ObjectNode> headers) {
    Event(Subject subject, String type, Optional<String> orderingKey, JsonNode body) {
        this(subject, type, orderingKey, false, body, Optional.empty());
    }
}
