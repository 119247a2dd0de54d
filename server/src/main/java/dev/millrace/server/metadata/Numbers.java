package dev.millrace.server.metadata;

import java.util.Iterator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Compares JSON values whose numbers keep their digits. */
final class Numbers {
    private Numbers() {}

    /** Whether both values are equal: {@code 1} equals {@code 1.0}, as in JSON Patch (RFC 6902). */
    static boolean equal(JsonNode a, JsonNode b) {
        return equal(a, b, false);
    }

    /** Whether both have the same notation, apart from the order of keys. */
    static boolean same(JsonNode a, JsonNode b) {
        return equal(a, b, true);
    }

    private static boolean equal(JsonNode a, JsonNode b, boolean digits) {
        if (a.isNumber() && b.isNumber()) {
            return digits
                    ? a.asString("").equals(b.asString(""))
                    : a.decimalValue().compareTo(b.decimalValue()) == 0;
        }
        if (a instanceof ObjectNode x && b instanceof ObjectNode y) {
            return x.size() == y.size()
                    && x.properties().stream().allMatch(e -> {
                        var other = y.get(e.getKey());
                        return other != null && equal(e.getValue(), other, digits);
                    });
        }
        if (a instanceof ArrayNode x && b instanceof ArrayNode y) {
            Iterator<JsonNode> others = y.iterator();
            return x.size() == y.size() && x.valueStream().allMatch(item -> equal(item, others.next(), digits));
        }
        return a.equals(b);
    }
}
