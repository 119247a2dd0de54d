package dev.millrace.server.action;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.run.ActionCall;
import dev.millrace.server.run.Failures;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The endpoints {@code POST /action/trigger} and {@code GET /action/{id}}. */
public final class ActionRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(ActionRoutes.class);
    private static final String SCOPE = "environment:actions:execute";
    private static final Pattern UUID_TEXT = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private final Actions actions;
    private final AsyncActions asyncActions;
    private final IdempotentCalls idempotent;

    public ActionRoutes(Actions actions, AsyncActions asyncActions, IdempotentCalls idempotent) {
        this.actions = actions;
        this.asyncActions = asyncActions;
        this.idempotent = idempotent;
    }

    public List<Route> routes() {
        return List.of(
                Route.post("/action/trigger", this::trigger, SCOPE), Route.get("/action/{id}", this::result, SCOPE));
    }

    private Response trigger(Request request) throws InterruptedException {
        var headers = request.headerFields(
                "Provider-Config-Key", "Connection-Id", "X-Async", "X-Max-Retries", "Idempotency-Key");
        var integration = headers.text("provider-config-key", Text.INTEGRATION_ID);
        var connectionId = headers.text("connection-id", Text.CONNECTION_ID);
        boolean async = headers.wordFlag("x-async", false);
        int retries = headers.optionalInt("x-max-retries", 0, 5).orElse(0);
        var key = headers.optionalText("idempotency-key", Text.SHORT);
        headers.end();
        request.noQuery();
        var body = request.bodyFields().loose();
        var action = body.text("action_name", Text.NAME);
        var input = body.passedOn("input").filter(i -> !i.isNull()).map(Json::text);
        body.end();
        var call = new ActionCall(request.environment(), integration, connectionId, action, input);
        try {
            if (key.isPresent()) {
                return once(call, key.get(), async, retries);
            }
            return async
                    ? answer(asyncActions.accept(call, retries, (_, _) -> {}), false)
                    : Response.json(200, actions.trigger(call));
        } catch (Failure failure) {
            throw failure;
        } catch (RuntimeException e) {
            LOG.error("The action {} could not be run", action, e);
            throw Failures.unexpected();
        }
    }

    private Response once(ActionCall call, String key, boolean async, int retries) throws InterruptedException {
        var outcome = idempotent.once(
                call.environment(),
                key,
                Json.bytes(Json.array()
                        .add(call.integration())
                        .add(call.connectionId())
                        .add(call.action())
                        .add(async)
                        .add(call.input().orElse(null))),
                claim -> async
                        ? asyncActions.accept(
                                call, retries, (handle, accepted) -> idempotent.finish(handle, claim, accepted))
                        : actions.execute(call));
        return answer(outcome.result(), outcome.replayed());
    }

    private static Response answer(ActionResult result, boolean replayed) {
        Map<String, List<String>> headers = new HashMap<>();
        if (result.status() == 202) {
            headers.put(
                    "Location",
                    List.of(Json.parse(result.body()).path("statusUrl").asString()));
        }
        if (replayed) {
            headers.put("Idempotency-Replayed", List.of("true"));
        }
        return new Response.Whole(result.status(), headers, result.body());
    }

    private Response result(Request request) {
        request.noQuery();
        var path = request.path();
        var id = path.text("id", Text.ANY);
        if (!UUID_TEXT.matcher(id).matches()) {
            path.issue("invalid_format", "Invalid UUID", "id");
        }
        path.end();
        return asyncActions
                .result(request.environment(), UUID.fromString(id))
                .map(result -> answer(result, false))
                .orElseThrow(() -> Failure.plain(404, "not_found", "No action '" + id + "' found"));
    }
}
