package dev.millrace.server.delivery;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * A delivery that this process is to send.
 *
 * @param event the id by which receivers know it
 * @param attempts that were made before
 * @param headers JSON text
 */
record Due(
        UUID id,
        UUID event,
        long seq,
        long environment,
        OptionalLong connection,
        String integration,
        String connectionId,
        String type,
        Optional<String> lane,
        boolean last,
        int attempts,
        String body,
        Optional<String> headers) {}
