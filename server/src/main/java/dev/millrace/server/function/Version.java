package dev.millrace.server.function;

import java.time.Instant;
import java.util.Optional;

/**
 * A stored version of a function.
 *
 * @param active whether it is the active one
 * @param createdAt when it was first deployed
 * @param createdBy name of the API key that created it; empty for versions older than this field
 * @param deployedBy name of the API key that last activated it
 */
public record Version(
        Function function,
        boolean active,
        Instant createdAt,
        Optional<String> createdBy,
        Optional<String> deployedBy) {}
