package dev.millrace.server.function.js;

import java.util.Optional;
import java.util.OptionalInt;

/** The end of an execution. */
public sealed interface Outcome {
    /** The type of a failure: no worker was free in time. Nothing was executed. */
    String NOT_STARTED = "createdToStartedTimeoutSecs_exceeded";

    /** The type of a failure: the execution exceeded its deadline and was cancelled. */
    String OVERRAN = "startedToCompletedTimeoutSecs_exceeded";

    /** The function returned; {@code output} is JSON text for actions and empty for other kinds. */
    record Succeeded(byte[] output) implements Outcome {}

    /**
     * The function threw, or its worker was lost.
     *
     * @param type such as {@code script_internal_error} or {@code function_runtime_timed_out}
     * @param payload JSON
     * @param status the provider's status, for an HTTP failure
     * @param upstream JSON: the provider's status, headers and body
     */
    record Failed(String type, String payload, OptionalInt status, Optional<String> upstream) implements Outcome {}
}
