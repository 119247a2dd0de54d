package dev.millrace.server.function.js;

import dev.millrace.server.function.ScriptType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One execution of a function.
 *
 * @param environment whose workers it uses
 * @param properties JSON object: the readable properties of {@code nango}
 * @param input JSON text of the input or of the webhook's payload
 * @param paginate JSON object: the provider's pagination defaults
 * @param loggerLevel lowest level that {@code nango.log} stores
 * @param workerWait how long it may wait for a worker
 * @param deadline how long the execution may take
 * @param capabilities of a bundle function: the names of what it may use
 */
public record ExecutionRequest(
        long environment,
        Script script,
        ScriptType type,
        String properties,
        Optional<String> input,
        Optional<String> paginate,
        String loggerLevel,
        Duration workerWait,
        Duration deadline,
        List<String> capabilities) {
    public ExecutionRequest {
        capabilities = List.copyOf(capabilities);
    }

    /** For other functions, which may use all that their type offers. */
    public ExecutionRequest(
            long environment,
            Script script,
            ScriptType type,
            String properties,
            Optional<String> input,
            Optional<String> paginate,
            String loggerLevel,
            Duration workerWait,
            Duration deadline) {
        this(environment, script, type, properties, input, paginate, loggerLevel, workerWait, deadline, List.of());
    }
}
