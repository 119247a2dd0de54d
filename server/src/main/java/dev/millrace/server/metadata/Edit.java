package dev.millrace.server.metadata;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A change of a connection's metadata. It is applied again whenever another write was faster, so it must be stateless.
 */
@FunctionalInterface
public interface Edit {
    /** The object that follows the given one; null means no metadata. Must not change the given object. */
    @Nullable
    ObjectNode apply(@Nullable ObjectNode current);

    /** Replaces the stored object. */
    static Edit replace(ObjectNode object) {
        return _ -> object;
    }

    /** Replaces those top-level keys that the given object contains. */
    static Edit merge(ObjectNode object) {
        return current -> {
            if (current == null) {
                return object;
            }
            var merged = Json.object();
            merged.setAll(current);
            merged.setAll(object);
            return merged;
        };
    }

    /** JSON Merge Patch (RFC 7396). */
    static Edit mergePatch(ObjectNode patch) {
        return current -> object(MergePatch.apply(copy(current), patch));
    }

    /** JSON Patch (RFC 6902); metadata that was never set counts as an empty object. */
    static Edit jsonPatch(JsonPatch patch) {
        return current -> object(patch.apply(copy(current)));
    }

    /** Removes the metadata, as if it had never been set. */
    static Edit remove() {
        return _ -> null;
    }

    /** Removes the value at one path. */
    static Edit remove(Pointer at) {
        return current -> at.isRoot() ? null : object(JsonPatch.remove(copy(current), at));
    }

    private static ObjectNode copy(@Nullable ObjectNode current) {
        return current == null ? Json.object() : current.deepCopy();
    }

    private static ObjectNode object(JsonNode result) {
        if (result instanceof ObjectNode object) {
            return object;
        }
        throw Failure.refusedBody("After the change the metadata would not be an object.");
    }
}
