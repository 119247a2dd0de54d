package dev.millrace.server.record;

import org.jspecify.annotations.Nullable;

/**
 * One record as it is stored.
 *
 * @param json the text: one object, its id a string, no {@code _nango_metadata}, nothing after the closing brace
 * @param hash of all but the id, whatever the order of keys; see {@link Hashes}
 * @param deletedAt microseconds since 1970, when the record says so itself
 */
record Payload(
        String id, byte[] json, byte[] hash, @Nullable Long deletedAt) {}
