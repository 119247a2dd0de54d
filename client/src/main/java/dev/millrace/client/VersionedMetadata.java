package dev.millrace.client;

import tools.jackson.databind.JsonNode;

/**
 * The metadata of a connection with its version.
 *
 * <pre>{@code
 * var metadata = client.metadata(acme).read();
 * if (metadata.object().path("region").isMissingNode()) { ... }
 * }</pre>
 *
 * Immutable and thread-safe, unless the node is changed.
 *
 * @param version grows by one with every change; 0 when metadata was never set
 * @param object JSON null when there is no metadata
 */
public record VersionedMetadata(long version, JsonNode object) {}
