package dev.millrace.server.run;

import java.util.Optional;

/**
 * A request to run an action.
 *
 * @param integration the integration's unique key
 * @param connectionId the public id
 * @param input JSON text
 */
public record ActionCall(
        long environment, String integration, String connectionId, String action, Optional<String> input) {}
