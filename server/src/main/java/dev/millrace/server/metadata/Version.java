package dev.millrace.server.metadata;

import java.time.Instant;

/**
 * One version of a connection's metadata, as its history keeps it.
 *
 * @param patch JSON text: the JSON Patch from the version before
 * @param metadata JSON text of the object, or {@code null}
 */
record Version(long version, Instant changedAt, String actor, String patch, String metadata) {}
