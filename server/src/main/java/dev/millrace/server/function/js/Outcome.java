package dev.millrace.server.function.js;

import java.util.Optional;
import java.util.OptionalInt;

/** How an execution ended. */
public sealed interface Outcome {
    /** The type of a failure: it waited for its start as long as it may. Nothing of it was executed. */
    String NOT_STARTED = "createdToStartedTimeoutSecs_exceeded";

    /** The type of a failure: it ran as long as it may, and was cancelled. */
    String OVERRAN = "startedToCompletedTimeoutSecs_exceeded";

    /** It returned; {@code output} is JSON text for actions and empty for the other kinds. */
    record Succeeded(byte[] output) implements Outcome {}

    /**
     * It threw, or its worker was lost.
     *
     * @param type such as {@code script_internal_error} or {@code function_runtime_timed_out}
     * @param payload JSON
     * @param status the provider's status, when it was an HTTP failure
     * @param upstream JSON: the provider's status, headers and body
     */
    record Failed(String type, String payload, OptionalInt status, Optional<String> upstream) implements Outcome {}
}
