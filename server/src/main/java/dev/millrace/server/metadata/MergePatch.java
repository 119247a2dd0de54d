package dev.millrace.server.metadata;

import dev.millrace.server.http.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON Merge Patch (RFC 7396): a deep merge; null removes a key. */
final class MergePatch {
    private MergePatch() {}

    /** Applies the patch to the target, which may be modified. */
    static JsonNode apply(JsonNode target, JsonNode patch) {
        if (!(patch instanceof ObjectNode changes)) {
            return patch;
        }
        var result = target instanceof ObjectNode object ? object : Json.object();
        for (var change : changes.properties()) {
            if (change.getValue().isNull()) {
                result.remove(change.getKey());
            } else {
                var old = result.get(change.getKey());
                result.set(change.getKey(), apply(old == null ? Json.object() : old, change.getValue()));
            }
        }
        return result;
    }
}
