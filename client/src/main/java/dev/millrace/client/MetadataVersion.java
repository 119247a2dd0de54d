package dev.millrace.client;

import java.time.Instant;
import tools.jackson.databind.JsonNode;

/**
 * One version in the history of a connection's metadata.
 *
 * <pre>{@code
 * for (var version : client.metadata(acme).history(20).versions()) {
 *     System.out.println(version.changedAt() + " " + version.actor() + " " + version.patch());
 * }
 * }</pre>
 *
 * Immutable and thread-safe, unless the node is changed.
 *
 * @param actor who changed it: {@code key:…}, {@code import:…} or {@code function:…}
 * @param patch the JSON Patch (RFC 6902) from the previous version
 */
public record MetadataVersion(long version, Instant changedAt, String actor, JsonNode patch) {
    static MetadataVersion of(JsonNode node) {
        return new MetadataVersion(
                node.path("version").asLong(),
                Instant.parse(node.path("changed_at").asString()),
                node.path("actor").asString(),
                node.path("patch"));
    }
}
