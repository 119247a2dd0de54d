package dev.millrace.server.metadata;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How a connection's metadata is to change. Applied as often as someone else was first: it must not keep state. */
@FunctionalInterface
public interface Edit {
    /** The object that follows the given one; null is no metadata. The given one stays as it is. */
    @Nullable
    ObjectNode apply(@Nullable ObjectNode current);

    /** The given object takes the place of the stored one. */
    static Edit replace(ObjectNode object) {
        return _ -> object;
    }

    /** The given object's top-level keys take the place of those of the stored one. */
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

    /** No metadata any more, as before it was ever set. */
    static Edit remove() {
        return _ -> null;
    }

    /** The value at one place goes. */
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
        throw Failure.refusedBody("The change would leave something else than an object as metadata.");
    }
}
