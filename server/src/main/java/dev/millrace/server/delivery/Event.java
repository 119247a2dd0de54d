package dev.millrace.server.delivery;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Something to tell an application.
 *
 * @param lane those of a connection with the same lane leave in order; empty: in any
 * @param last whether no event of the connection may follow
 * @param headers further ones, texts by lower-case names
 */
record Event(
        Subject subject,
        String type,
        Optional<String> lane,
        boolean last,
        JsonNode body,
        Optional<ObjectNode> headers) {
    Event(Subject subject, String type, Optional<String> lane, JsonNode body) {
        this(subject, type, lane, false, body, Optional.empty());
    }
}
