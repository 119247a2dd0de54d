package dev.millrace.server.run;

import dev.millrace.server.http.Answer;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.util.List;

/** {@code POST /action/trigger} (http-api §13). */
public final class ActionRoutes {
    private final Actions actions;

    public ActionRoutes(Actions actions) {
        this.actions = actions;
    }

    public List<Route> routes() {
        return List.of(Route.post("/action/trigger", this::trigger, "environment:actions:execute"));
    }

    private Answer trigger(Request request) throws InterruptedException {
        var headers = request.headerFields("Provider-Config-Key", "Connection-Id", "X-Async", "X-Max-Retries");
        var integration = headers.text("provider-config-key", Text.INTEGRATION_ID);
        var connectionId = headers.text("connection-id", Text.CONNECTION_ID);
        boolean async = headers.wordFlag("x-async", false);
        headers.optionalInt("x-max-retries", 0, 5);
        headers.end();
        request.noQuery();
        var body = request.bodyFields().loose();
        var action = body.text("action_name", Text.NAME);
        var input = body.any("input").filter(i -> !i.isNull()).map(Json::text);
        body.end();
        if (async) {
            throw Failure.plain(501, "not_implemented", "Actions in the background (X-Async) are not available yet.");
        }
        return Answer.json(200, actions.trigger(request.environment(), integration, connectionId, action, input));
    }
}
