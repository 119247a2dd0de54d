package dev.millrace.server.schema;

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

/** Returns the metadata schemas of an integration's functions, and what is missing in a connection's metadata. */
public final class SchemaRoutes {
    private final MetadataSchemas schemas;
    private final Connections connections;
    private final Integrations integrations;

    public SchemaRoutes(MetadataSchemas schemas, Connections connections, Integrations integrations) {
        this.schemas = schemas;
        this.connections = connections;
        this.integrations = integrations;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                        "/connections/{connectionId}/metadata/check",
                        this::check,
                        "environment:connections:read",
                        "environment:connections:read_credentials"),
                Route.get(
                        "/integrations/{uniqueKey}/metadata-schema",
                        this::form,
                        "environment:integrations:read",
                        "environment:integrations:read_credentials"));
    }

    private Response check(Request request) {
        var path = request.path();
        var connectionId = path.text("connectionId", Text.CONNECTION_ID);
        path.end();
        var query = request.query();
        var key = query.optionalText("provider_config_key", Text.INTEGRATION_ID)
                .or(() -> request.header("Provider-Config-Key"))
                .orElse("");
        query.end();
        var connection = connections
                .find(request.environment(), key, connectionId)
                .orElseThrow(() -> Failure.plain(
                        404,
                        "unknown_connection",
                        "Connection with connection id " + connectionId + " and provider config key " + key
                                + " not found. Please make sure the connection exists"));
        return check(connection);
    }

    private Response check(Connection connection) {
        var metadata = Json.parse(connection.metadata().orElse("null"));
        var functions = Json.array();
        boolean complete = true;
        for (var schema : schemas.ofIntegration(connection.integrationId())) {
            var problems = schema.problems(metadata);
            complete &= problems.isEmpty();
            functions
                    .addObject()
                    .put("name", schema.function())
                    .put("type", "sync")
                    .put("complete", problems.isEmpty())
                    .set("problems", Problem.json(problems));
        }
        var body = Json.object().put("complete", complete);
        body.set("functions", functions);
        return Response.ok(body);
    }

    private Response form(Request request) {
        request.noQuery();
        var path = request.path();
        var key = path.text("uniqueKey", Text.INTEGRATION_ID);
        path.end();
        var integration = integrations
                .find(request.environment(), key)
                .orElseThrow(() -> Failure.plain(404, "not_found", "Integration does not exist"));
        return Response.ok(FormSchema.of(schemas.ofIntegration(integration.id())));
    }
}
