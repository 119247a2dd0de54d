package dev.millrace.server.record;

import org.jspecify.annotations.Nullable;

/**
 * A record in its stored form.
 *
 * @param json one object whose id is a string, without {@code _nango_metadata} and without text after the closing brace
 * @param hash of everything but the id, whatever the order of keys; see {@link Hashes}
 * @param deletedAt microseconds since 1970, if the record contains it
 */
record Payload(
        String id, byte[] json, byte[] hash, @Nullable Long deletedAt) {}
