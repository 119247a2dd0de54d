package dev.millrace.server.environment;

import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.util.List;

/** {@code GET /environment-variables} and the settings of the environment. */
public final class EnvironmentRoutes {
    private final Environments environments;
    private final EnvironmentSettings settings;

    public EnvironmentRoutes(Environments environments, EnvironmentSettings settings) {
        this.environments = environments;
        this.settings = settings;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/environment-variables", this::variables, "environment:variables:read"),
                Route.get("/environment/settings", this::settings, "environment:settings:read"),
                Route.patch("/environment/settings", this::change, "environment:settings:update"));
    }

    private Response variables(Request request) {
        request.noQuery();
        return Response.ok(environments.variables(request.environment()));
    }

    private Response settings(Request request) {
        request.noQuery();
        return Response.ok(settings.read(request.environment()).json());
    }

    private Response change(Request request) {
        request.noQuery();
        return Response.ok(
                settings.change(request.environment(), request.bodyFields()).json());
    }
}
