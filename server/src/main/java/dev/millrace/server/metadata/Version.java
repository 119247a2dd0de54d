package dev.millrace.server.metadata;

import java.time.Instant;

/**
 * One version of a connection's metadata, from its history.
 *
 * @param patch JSON text: the JSON Patch from the previous version
 * @param metadata JSON text of the object, or {@code null}
 */
public record Version(long version, Instant changedAt, String actor, String patch, String metadata) {}
