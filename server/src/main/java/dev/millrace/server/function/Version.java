package dev.millrace.server.function;

import java.time.Instant;
import java.util.Optional;

/**
 * A kept version of a function.
 *
 * @param active whether it is the one in service
 * @param createdAt when it was first deployed
 * @param createdBy name of the API key that brought it; absent for those older than this note
 * @param deployedBy name of the API key that last put it in service
 */
record Version(
        Function function,
        boolean active,
        Instant createdAt,
        Optional<String> createdBy,
        Optional<String> deployedBy) {}
