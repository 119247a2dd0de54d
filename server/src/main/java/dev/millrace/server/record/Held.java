package dev.millrace.server.record;

import java.time.Instant;

/**
 * What is held of a model.
 *
 * @param live records that are not deleted; pruned ones count
 * @param bytes of the contents of all records, as JSON text
 * @param lastWritten when something was last written to it; saving what is stored already writes nothing
 */
public record Held(Dataset dataset, long live, long bytes, Instant lastWritten) {}
