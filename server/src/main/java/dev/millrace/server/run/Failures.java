package dev.millrace.server.run;

import dev.millrace.server.db.Outage;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The errors that callers of an action get. */
public final class Failures {
    /** The type of a failure: the process that ran the action is gone. */
    public static final String LOST = "heartbeatTimeoutSecs_exceeded";

    private static final String SCRIPT_FAILURE = "action_script_failure";

    private Failures() {}

    /** @param task id under which the failure is found in logs: the operation, or the id of an asynchronous action */
    public static Failure of(Outcome.Failed failed, UUID task) {
        var payload = Json.parse(failed.payload());
        if (failed.type().equals(Outage.AWAY.code())) {
            return Failure.unavailable(failed.type(), Outage.AWAY.message());
        }
        return switch (failed.type()) {
            case Outcome.NOT_STARTED, Outcome.OVERRAN, LOST -> expired(task, failed.type());
            case SCRIPT_FAILURE -> scriptFailure(payload.path("error").asString(""), payload);
            case "script_http_error", "script_api_rate_limit_error" ->
                new Failure.Upstream(
                        failed.type(),
                        payload,
                        failed.upstream().map(Json::parse).orElse(null));
            default -> new Failure.Typed(status(failed.type()), code(failed.type()), shown(failed.type()), payload);
        };
    }

    /** It did not start, or did not end, in time. */
    public static Failure expired(UUID task, String reason) {
        return ended("Task " + task + " expired", reason);
    }

    /** It was cancelled. */
    public static Failure cancelled(UUID task, String reason) {
        return ended("Task " + task + " was cancelled", reason);
    }

    private static Failure ended(String error, String reason) {
        var payload = Json.object().put("error", error);
        payload.putObject("payload").put("reason", reason);
        return scriptFailure(error + ": " + reason, payload);
    }

    /** Something prevents its start. */
    public static Failure unable(String why) {
        return scriptFailure(why, Json.object().put("error", why));
    }

    /** The database failed during a run. */
    static Outcome.Failed brokenOff() {
        var payload = Json.object().put("message", "The database failed while this ran; another run goes on.");
        return new Outcome.Failed(Outage.AWAY.code(), Json.text(payload), OptionalInt.empty(), Optional.empty());
    }

    /**
     * The outcome of a run after an error of the platform. The run fails, so that the error does not recur for ever.
     */
    static Outcome.Failed of(Work work, Throwable fault) {
        if (Outage.behind(fault).isEmpty()) {
            return broken();
        }
        return work.type().isAnswered() ? unavailable() : brokenOff();
    }

    /** The database failed during an action, which is not repeated. */
    private static Outcome.Failed unavailable() {
        var payload = Json.object().put("message", "The database failed while this ran.");
        return new Outcome.Failed(Outage.AWAY.code(), Json.text(payload), OptionalInt.empty(), Optional.empty());
    }

    /** A bug, or a database that does not answer. */
    public static Failure unexpected() {
        return Failure.plain(500, "internal_server_error", "Failed to run action");
    }

    private static Failure scriptFailure(String why, JsonNode payload) {
        return new Failure.Typed(500, SCRIPT_FAILURE, "The action script failed with an error: " + why, payload);
    }

    /** The function was removed before it started. */
    static Outcome.Failed codeGone(Work work) {
        var why = "The code of the function " + work.function().name() + " was removed before it started";
        return new Outcome.Failed(
                work.type().wire() + "_script_failure",
                Json.text(Json.object().put("error", why)),
                OptionalInt.empty(),
                Optional.empty());
    }

    /** Records of a function could not be written, because the database does not answer for example. */
    static Outcome.Failed unsaved() {
        return internal("Records of batchSave could not be stored; the server's log has the reason");
    }

    /** A bug in the code that serves the function. */
    static Outcome.Failed broken() {
        return internal("The platform failed while the function ran; the server's log has the reason");
    }

    /** The function ended, but its outcome is unknown. */
    static Outcome.Failed unrecorded() {
        return internal("The outcome of the run could not be recorded; the server's log has the reason");
    }

    private static Outcome.Failed internal(String why) {
        return new Outcome.Failed(
                "script_internal_error",
                Json.text(Json.object().put("message", why)),
                OptionalInt.empty(),
                Optional.empty());
    }

    /** Data that violates a schema. */
    static Outcome.Failed invalid(String type, JsonNode payload) {
        return new Outcome.Failed(type, Json.text(payload), OptionalInt.of(400), Optional.empty());
    }

    private static int status(String type) {
        return switch (type) {
            case "invalid_action_input",
                    "invalid_action_output",
                    "invalid_sync_record",
                    "script_output_too_large",
                    "action_failure" -> 400;
            case "script_aborted" -> 410;
            default -> 500;
        };
    }

    private static String code(String type) {
        boolean known = !message(type).isEmpty()
                // Errors of the SDK, which keep their codes.
                || type.startsWith("invalid_")
                || type.startsWith("execution_")
                || type.equals("unknown_provider_template_in_config");
        return known ? type : "unhandled_" + type;
    }

    private static String shown(String type) {
        return message(type).isEmpty() ? "The action script failed: " + type : message(type);
    }

    /** A text for people; empty for an unknown type. */
    static String message(String type) {
        return switch (type) {
            case "action_script_runtime_error" -> "The action script failed with a runtime error";
            case "script_network_error" -> "A network error occurred during an HTTP call";
            case "script_internal_error" -> "An internal error occurred during the script execution";
            case "script_output_too_large" -> "Script output is too large";
            case "invalid_action_input" -> "Failed to validate the input passed to the action";
            case "invalid_action_output" -> "Failed to validate the output passed to the action";
            case "invalid_sync_record" -> "Failed to validate a record in batchSave";
            case "script_aborted" -> "The action was cancelled";
            case "function_runtime_timed_out" -> "The function used its worker without yielding and was stopped";
            case "function_runtime_out_of_memory" -> "The function's worker ran out of memory";
            case "function_runtime_other" -> "The function's worker ended while the function ran";
            default -> "";
        };
    }

    /** The form in which a run stores its failure. */
    public static ObjectNode stored(Outcome.Failed failed) {
        var node = Json.object().put("type", failed.type());
        node.set("payload", Json.parse(failed.payload()));
        failed.status().ifPresent(s -> node.put("status", s));
        return node;
    }
}
