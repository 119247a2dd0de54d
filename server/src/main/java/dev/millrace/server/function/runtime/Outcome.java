package dev.millrace.server.function.runtime;

import java.util.Optional;
import java.util.OptionalInt;

/** How an execution ended. */
public sealed interface Outcome {
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
