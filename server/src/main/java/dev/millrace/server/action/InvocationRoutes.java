package dev.millrace.server.action;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** The endpoints {@code POST /functions/invocations} and {@code GET /functions/invocations/{id}}. */
public final class InvocationRoutes {
    static final String PATH = "/functions/invocations";

    private static final Logger LOG = LoggerFactory.getLogger(InvocationRoutes.class);
    private static final String SCOPE = "environment:functions:invocations";
    private static final Pattern UUID_TEXT = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private final Invocations invocations;
    private final IdempotentCalls idempotent;

    public InvocationRoutes(Invocations invocations, IdempotentCalls idempotent) {
        this.invocations = invocations;
        this.idempotent = idempotent;
    }

    public List<Route> routes() {
        return List.of(Route.post(PATH, this::invoke, SCOPE), Route.get(PATH + "/{id}", this::result, SCOPE));
    }

    private Response invoke(Request request) throws InterruptedException {
        request.noQuery();
        var headers = request.headerFields("Idempotency-Key");
        var key = headers.optionalText("idempotency-key", Text.SHORT);
        headers.end();
        var body = request.bodyFields();
        var name = body.text("name", Text.NAME);
        var integration = body.text("integration_id", Text.INTEGRATION_ID);
        var connection = body.text("connection_id", Text.CONNECTION_ID);
        boolean waits =
                body.choice("invocation_type", List.of("wait", "no_wait")).equals("wait");
        JsonNode input = body.passedOn("input").orElseGet(() -> Json.object().nullNode());
        body.optionalRecord("options");
        body.end();
        var shown = InvocationArgument.request(PATH, request.headers(), Map.of(), input);
        var call = new Invocations.Call(request.environment(), integration, connection, name, waits, input, shown);
        try {
            if (key.isPresent()) {
                return once(call, key.get());
            }
            return answer(waits ? invocations.call(call, _ -> {}) : invocations.accept(call, (_, _) -> {}), false);
        } catch (Failure failure) {
            throw failure;
        } catch (RuntimeException e) {
            LOG.error("The function {} could not be run", name, e);
            throw Failure.plain(500, "server_error", "Failed to run the function");
        }
    }

    private Response once(Invocations.Call call, String key) throws InterruptedException {
        var outcome = idempotent.once(
                call.environment(),
                key,
                Json.bytes(Json.array()
                        .add("function")
                        .add(call.integration())
                        .add(call.connectionId())
                        .add(call.function())
                        .add(call.waits())
                        .add(call.input())),
                claim -> call.waits()
                        ? invocations.call(call, late -> idempotent.replace(claim, late))
                        : invocations.accept(call, (handle, accepted) -> idempotent.finish(handle, claim, accepted)));
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
        var uuid = UUID.fromString(id);
        var known = invocations
                .result(request.environment(), uuid)
                .orElseThrow(() -> Failure.plain(404, "not_found", "No invocation '" + id + "' found"));
        var result = known.result().orElseGet(() -> InvocationOutcome.accepted(uuid));
        return new Response.Whole(result.status(), Map.of(), result.body());
    }
}
