package dev.millrace.server.action;

import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.run.Failures;
import dev.millrace.server.run.Runs;
import java.util.UUID;

/** The responses to callers of bundle functions. */
final class InvocationOutcome {
    static final String LOST = "The server that ran the function is gone";
    static final String LATE = "The function did not start in time";

    private InvocationOutcome() {}

    static ActionResult of(Runs.Ended ended) {
        return switch (ended.outcome()) {
            case Outcome.Succeeded succeeded -> ActionResult.output(succeeded.output());
            case Outcome.Failed failed -> ActionResult.of(failure(failed, ended.operation()));
        };
    }

    private static Failure failure(Outcome.Failed failed, UUID operation) {
        return switch (failed.type()) {
            case Outcome.NOT_STARTED -> failure(LATE);
            case Outcome.OVERRAN -> failure("The function ran for longer than 15 minutes");
            case Failures.LOST -> failure(LOST);
            case "function_script_failure" ->
                failure(Json.parse(failed.payload()).path("error").asString(""));
            default -> Failures.of(failed, operation);
        };
    }

    /** Not a failure of its code. */
    static ActionResult failed(String why) {
        return ActionResult.of(failure(why));
    }

    static Failure failure(String why) {
        return new Failure.Typed(500, "function_failed", why);
    }

    /** It was accepted; its outcome can be asked for. */
    static ActionResult accepted(UUID id) {
        var body = Json.object().put("id", id.toString()).put("statusUrl", InvocationRoutes.PATH + "/" + id);
        return new ActionResult(202, Json.bytes(body));
    }
}
