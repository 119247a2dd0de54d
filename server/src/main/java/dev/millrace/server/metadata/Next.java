package dev.millrace.server.metadata;

import dev.millrace.server.http.Issue;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The next version of a connection's metadata.
 *
 * @param before the version that it follows
 * @param object null: no metadata
 * @param text of the object
 * @param patch from the previous version
 * @param seal whether to encrypt it at rest
 * @param keep which versions of the history are kept
 */
record Next(
        Row before,
        @Nullable ObjectNode object,
        @Nullable String text,
        ArrayNode patch,
        Actor actor,
        boolean seal,
        HistoryLimits keep,
        IndexChange index,
        List<Issue> warnings) {
    long version() {
        return before.version() + 1;
    }
}
