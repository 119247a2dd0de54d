package dev.millrace.server.log;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * How an operation stands at a moment.
 *
 * @param error JSON text
 * @param lines how many of each level there are
 * @param dropped lines that were too many
 */
record Standing(
        Operation operation,
        Status status,
        Optional<Instant> finishedAt,
        Optional<String> error,
        Map<Level, Integer> lines,
        int dropped) {}
