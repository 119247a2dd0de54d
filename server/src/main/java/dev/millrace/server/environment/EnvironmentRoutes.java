package dev.millrace.server.environment;

import dev.millrace.server.http.Answer;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Route;
import java.util.List;

/** {@code GET /environment-variables} (http-api §15) and the settings of the environment. */
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

    private Answer variables(Request request) {
        request.noQuery();
        return Answer.ok(environments.variables(request.environment()));
    }

    private Answer settings(Request request) {
        request.noQuery();
        return Answer.ok(settings.read(request.environment()).json());
    }

    private Answer change(Request request) {
        request.noQuery();
        return Answer.ok(
                settings.change(request.environment(), request.bodyFields()).json());
    }
}
