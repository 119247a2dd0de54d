package dev.millrace.server.record;

import java.time.Instant;

/**
 * The size of a model's records.
 *
 * @param live number of records that are not deleted, including pruned ones
 * @param bytes of the contents of all records, as JSON text
 * @param lastWritten time of the last write; saving unchanged records writes nothing
 */
public record ModelSize(Dataset dataset, long live, long bytes, Instant lastWritten) {}
