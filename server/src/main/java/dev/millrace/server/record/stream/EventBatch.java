package dev.millrace.server.record.stream;

import dev.millrace.server.record.Position;
import java.util.Optional;

/**
 * A batch of events, read once for all streams at the same position.
 *
 * @param events as sent; empty when there are no changes
 * @param last the position of the last record
 * @param until where to continue; the batch has all relevant changes up to here
 * @param more whether there is more to read at once
 */
record EventBatch(byte[] events, Optional<Position> last, Position until, boolean more) {}
