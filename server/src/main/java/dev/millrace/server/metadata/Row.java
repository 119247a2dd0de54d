package dev.millrace.server.metadata;

import dev.millrace.server.http.Json;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A connection and its metadata, as read by a write.
 *
 * @param integrationId the internal id
 * @param indexPaths by which the integration's connections can be looked up
 * @param indexGeneration of these paths
 * @param stored whether there is a row to update
 * @param text JSON text; empty: no metadata
 */
record Row(
        long id,
        String connectionId,
        long environmentId,
        long integrationId,
        List<String> indexPaths,
        int indexGeneration,
        boolean stored,
        long version,
        Optional<String> text) {
    Row {
        indexPaths = List.copyOf(indexPaths);
    }

    @Nullable
    ObjectNode object() {
        return text.map(Json::parseObject).orElse(null);
    }
}
