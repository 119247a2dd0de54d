package dev.millrace.server.environment;

import dev.millrace.server.http.Answer;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Route;
import java.util.List;

/** {@code GET /environment-variables} (http-api §15). */
public final class EnvironmentRoutes {
    private final Environments environments;

    public EnvironmentRoutes(Environments environments) {
        this.environments = environments;
    }

    public List<Route> routes() {
        return List.of(Route.get("/environment-variables", this::variables, "environment:variables:read"));
    }

    private Answer variables(Request request) {
        request.noQuery();
        return Answer.ok(environments.variables(request.environment()));
    }
}
