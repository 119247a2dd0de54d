package dev.millrace.server.metadata;

import dev.millrace.server.http.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Computes the difference of two objects as a JSON Patch, key by key; arrays are replaced as a whole. */
final class Diff {
    private final ArrayNode patch = Json.array();

    private Diff() {}

    /** The patch that turns the first object into the second; null means no metadata. */
    static ArrayNode between(@Nullable ObjectNode before, @Nullable ObjectNode after) {
        var diff = new Diff();
        if (before == null || after == null) {
            diff.operation(
                    before == null ? "add" : "replace",
                    "",
                    after == null ? Json.object().nullNode() : after);
        } else {
            diff.compare("", before, after);
        }
        return diff.patch;
    }

    private void compare(String at, ObjectNode before, ObjectNode after) {
        for (var entry : before.properties()) {
            if (!after.has(entry.getKey())) {
                patch.addObject().put("op", "remove").put("path", at + '/' + Pointer.escape(entry.getKey()));
            }
        }
        for (var entry : after.properties()) {
            var path = at + '/' + Pointer.escape(entry.getKey());
            var old = before.get(entry.getKey());
            if (old == null) {
                operation("add", path, entry.getValue());
            } else if (old instanceof ObjectNode x && entry.getValue() instanceof ObjectNode y) {
                compare(path, x, y);
            } else if (!Numbers.same(old, entry.getValue())) {
                operation("replace", path, entry.getValue());
            }
        }
    }

    private void operation(String op, String path, JsonNode value) {
        patch.addObject().put("op", op).put("path", path).set("value", value);
    }
}
