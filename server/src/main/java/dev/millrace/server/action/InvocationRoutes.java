package dev.millrace.server.action;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.function.Bundles;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.util.List;

/**
 * {@code POST /functions/invocations}: validates a call, then refuses it, because bundle functions are not supported.
 */
public final class InvocationRoutes {
    private final Connections connections;
    private final Bundles bundles;

    public InvocationRoutes(Connections connections, Bundles bundles) {
        this.connections = connections;
        this.bundles = bundles;
    }

    public List<Route> routes() {
        return List.of(Route.post("/functions/invocations", this::invoke, "environment:functions:invocations"));
    }

    private Response invoke(Request request) {
        request.noQuery();
        var body = request.bodyFields();
        var name = body.text("name", Text.NAME);
        var integration = body.text("integration_id", Text.INTEGRATION_ID);
        var connection = body.text("connection_id", Text.CONNECTION_ID);
        var type = body.choice("invocation_type", List.of("wait", "no_wait"));
        body.passedOn("input");
        body.optionalRecord("options");
        body.end();
        if (connections.find(request.environment(), integration, connection).isEmpty()) {
            throw Failure.plain(404, "connection_not_found", "Connection '" + connection + "' was not found");
        }
        var function = bundles.find(request.environment(), integration, name)
                .orElseThrow(() -> Failure.plain(404, "unknown_function", "Function '" + name + "' was not found"));
        var allowed = switch (function.trigger()) {
            case "http" -> List.of("wait", "no_wait");
            case "schedule", "event" -> List.of("no_wait");
            default -> List.<String>of();
        };
        if (!allowed.contains(type)) {
            throw Failure.plain(
                    400,
                    "invalid_invocation",
                    "A function with the trigger '" + function.trigger() + "' cannot be invoked with '" + type + "'");
        }
        throw Failure.plain(501, "not_implemented", "Functions deployed as a bundle are not run yet.");
    }
}
