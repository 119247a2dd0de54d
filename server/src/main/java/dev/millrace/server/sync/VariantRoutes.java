package dev.millrace.server.sync;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.integration.Integrations;
import java.util.List;

/** Endpoints that create and delete variants of syncs. */
public final class VariantRoutes {
    private static final String PATH = "/sync/{name}/variant/{variant}";

    private final SyncVariants variants;
    private final Connections connections;
    private final Integrations integrations;

    public VariantRoutes(SyncVariants variants, Connections connections, Integrations integrations) {
        this.variants = variants;
        this.connections = connections;
        this.integrations = integrations;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(PATH, this::create, "environment:syncs:variant:create"),
                Route.delete(PATH, this::delete, "environment:syncs:variant:delete"));
    }

    private record Asked(Connection connection, SyncName name) {}

    private Response create(Request request) {
        var asked = read(request);
        var sync = variants.create(asked.connection, asked.name);
        return Response.ok(Json.object()
                .put("id", sync.id().toString())
                .put("name", sync.name())
                .put("variant", sync.variant()));
    }

    private Response delete(Request request) {
        var asked = read(request);
        if (!variants.delete(asked.connection, asked.name)) {
            throw new Failure.Plain(404, "not_found", null);
        }
        return Response.success();
    }

    private Asked read(Request request) {
        var body = request.bodyFields();
        var integration = body.text("provider_config_key", Text.INTEGRATION_ID);
        var connectionId = body.text("connection_id", Text.CONNECTION_ID);
        body.end();
        var path = request.path();
        var name = new SyncName(path.text("name", Text.NAME), path.text("variant", Text.NAME));
        path.end();
        request.noQuery();
        if (name.variant().equalsIgnoreCase(SyncName.BASE)) {
            throw Failure.plain(400, "invalid_variant", "Variant name \"" + name.variant() + "\" is protected.");
        }
        if (integrations.find(request.environment(), integration).isEmpty()) {
            throw new Failure.Plain(400, "unknown_provider_config", null);
        }
        var connection = connections
                .find(request.environment(), integration, connectionId)
                .orElseThrow(() -> new Failure.Plain(400, "unknown_connection", null));
        return new Asked(connection, name);
    }
}
