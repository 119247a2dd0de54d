package dev.millrace.server.webhook;

import dev.millrace.server.http.Json;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reduces a payload with the events of several connections to those of one connection. */
final class PayloadSplit {
    private final JsonNode whole;
    /** The member of the payload that lists the events; empty if the payload is the list. */
    private final Optional<String> member;
    /** The listed events; empty if the payload is not reduced. */
    private final Set<JsonNode> all;

    private PayloadSplit(JsonNode whole, Optional<String> member, Set<JsonNode> all) {
        this.whole = whole;
        this.member = member;
        this.all = all;
    }

    /** Every connection gets the whole payload. */
    static PayloadSplit none(JsonNode payload) {
        return new PayloadSplit(payload, Optional.empty(), Set.of());
    }

    /** Splits a list, or an object with exactly one list. */
    static PayloadSplit of(JsonNode payload) {
        if (payload.isArray()) {
            return new PayloadSplit(payload, Optional.empty(), elements(payload));
        }
        var lists = payload.properties().stream()
                .filter(candidate -> candidate.getValue().isArray())
                .toList();
        if (lists.size() != 1) {
            return none(payload);
        }
        var list = lists.getFirst();
        return new PayloadSplit(payload, Optional.of(list.getKey()), elements(list.getValue()));
    }

    private static Set<JsonNode> elements(JsonNode list) {
        return new HashSet<>(list.valueStream().toList());
    }

    /** @param events the events of a connection; the whole payload is returned if it does not list them */
    JsonNode share(List<JsonNode> events) {
        if (all.isEmpty() || !all.containsAll(events)) {
            return whole;
        }
        var own = Json.array();
        events.forEach(own::add);
        if (member.isEmpty()) {
            return own;
        }
        var share = Json.object();
        ((ObjectNode) whole)
                .properties()
                .forEach(each -> share.set(each.getKey(), each.getKey().equals(member.get()) ? own : each.getValue()));
        return share;
    }
}
