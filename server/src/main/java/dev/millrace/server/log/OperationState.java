package dev.millrace.server.log;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The state of an operation at a moment.
 *
 * @param error JSON text
 * @param lines number of lines of each level
 * @param dropped number of lines beyond the limit
 */
record OperationState(
        Operation operation,
        Status status,
        Optional<Instant> finishedAt,
        Optional<String> error,
        Map<Level, Integer> lines,
        int dropped) {}
