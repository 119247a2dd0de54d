package dev.millrace.server.record.stream;

import dev.millrace.server.record.Position;
import java.util.Optional;

/**
 * Some events, read once for all streams that stand at the same place.
 *
 * @param events as they are sent; empty when there is no news
 * @param last the position of the last record among them
 * @param until where to read on; all that matters up to here is in the batch
 * @param more whether there is more to read right away
 */
record EventBatch(byte[] events, Optional<Position> last, Position until, boolean more) {}
