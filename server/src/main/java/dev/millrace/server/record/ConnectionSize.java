package dev.millrace.server.record;

import java.time.Instant;

/**
 * The size of a connection's records.
 *
 * @param models the number of models and variants
 * @param live number of records that are not deleted
 * @param lastWritten time of the last write
 */
public record ConnectionSize(int models, long live, Instant lastWritten) {}
