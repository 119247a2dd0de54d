package dev.millrace.server.run;

import dev.millrace.server.function.runtime.Outcome;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import tools.jackson.databind.node.ObjectNode;

/** What a caller of an action sees of its failure (functions §14.1). */
final class Failures {
    private Failures() {}

    static Failure of(Outcome.Failed failed) {
        var payload = Json.parse(failed.payload());
        return switch (failed.type()) {
            case "script_http_error", "script_api_rate_limit_error" ->
                new Failure.Upstream(
                        failed.type(),
                        payload,
                        failed.upstream().map(Json::parse).orElse(null));
            default -> new Failure.Typed(status(failed.type()), failed.type(), message(failed.type()), payload);
        };
    }

    private static int status(String type) {
        return switch (type) {
            case "invalid_action_input", "invalid_action_output", "script_output_too_large", "action_failure" -> 400;
            case "script_aborted" -> 410;
            default -> 500;
        };
    }

    private static String message(String type) {
        return switch (type) {
            case "action_script_runtime_error" -> "The action script failed with a runtime error";
            case "script_network_error" -> "A network error occurred during an HTTP call";
            case "script_internal_error" -> "An internal error occurred during the script execution";
            case "script_output_too_large" -> "Script output is too large";
            case "script_aborted" -> "The action was cancelled";
            case "function_runtime_timed_out" ->
                "The function ran longer than it may, or kept its worker busy without an end";
            case "function_runtime_out_of_memory" -> "The function's worker ran out of memory";
            case "function_runtime_other" -> "The function's worker ended while the function ran";
            default -> "The action script failed: " + type;
        };
    }

    /** The form in which a run keeps its failure. */
    static ObjectNode stored(Outcome.Failed failed) {
        var node = Json.object().put("type", failed.type());
        node.set("payload", Json.parse(failed.payload()));
        failed.status().ifPresent(s -> node.put("status", s));
        return node;
    }
}
