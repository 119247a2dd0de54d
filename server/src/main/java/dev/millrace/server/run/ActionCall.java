package dev.millrace.server.run;

import java.util.Optional;

/**
 * An action, asked for.
 *
 * @param integration the integration's unique key
 * @param connectionId the public one
 * @param input JSON text
 */
public record ActionCall(
        long environment, String integration, String connectionId, String action, Optional<String> input) {}
