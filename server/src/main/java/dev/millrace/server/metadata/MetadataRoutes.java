package dev.millrace.server.metadata;

import dev.millrace.server.http.Answer;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.metadata.Metadata.Change;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Set and update metadata (http-api §6), with the older paths. */
public final class MetadataRoutes {
    private static final String SCOPE = "environment:connections:update";

    private final Metadata metadata;

    public MetadataRoutes(Metadata metadata) {
        this.metadata = metadata;
    }

    public List<Route> routes() {
        Route.Handler set = request -> write(request, Change.REPLACE, 201);
        Route.Handler update = request -> write(request, Change.MERGE, 200);
        Route.Handler setOne = request -> writeOne(request, Change.REPLACE, 201);
        Route.Handler updateOne = request -> writeOne(request, Change.MERGE, 200);
        return List.of(
                Route.post("/connections/metadata", set, SCOPE),
                Route.patch("/connections/metadata", update, SCOPE),
                Route.post("/connection/metadata", set, SCOPE),
                Route.patch("/connection/metadata", update, SCOPE),
                Route.post("/connection/{connectionId}/metadata", setOne, SCOPE),
                Route.patch("/connection/{connectionId}/metadata", updateOne, SCOPE));
    }

    private Answer write(Request request, Change change, int status) {
        request.noQuery();
        var json = request.json();
        var body = Fields.of(Part.BODY, json);
        var ids = connectionIds(body);
        var key = body.text("provider_config_key", Text.INTEGRATION_ID);
        var object = body.record("metadata");
        body.end();
        try {
            metadata.write(request.environment(), key, ids, change, Json.text(object));
        } catch (Metadata.UnknownConnection e) {
            throw Failure.plain(404, "unknown_connection", missing(e.connectionId(), key, ids.size() > 1));
        } catch (Metadata.Unstorable e) {
            throw Part.BODY.refuse("custom", "The metadata cannot be stored: " + e.getMessage(), "metadata");
        }
        return Answer.json(status, json);
    }

    private static List<String> connectionIds(Fields body) {
        if (body.any("connection_id").map(JsonNode::isArray).orElse(false)) {
            return body.texts("connection_id", Text.CONNECTION_ID);
        }
        if (body.any("connection_id").filter(n -> !n.isString()).isPresent()) {
            body.issue("invalid_union", "Invalid input", "connection_id");
            return List.of();
        }
        return List.of(body.text("connection_id", Text.CONNECTION_ID));
    }

    private static String missing(String id, String key, boolean several) {
        var message = "Connection with connection id " + id + " and provider config key " + key
                + " not found. Please make sure the connection exists";
        return several
                ? message + ". No actions were taken on any of the connections as a result of this failure."
                : message;
    }

    private Answer writeOne(Request request, Change change, int status) {
        var query = request.query().loose();
        var key = query.optionalText("provider_config_key", Text.ANY)
                .or(() -> request.header("Provider-Config-Key"))
                .orElse("");
        var id = request.variable("connectionId");
        if (!(request.json() instanceof ObjectNode object)) {
            throw Part.BODY.refuse("invalid_type", "Invalid input: expected record, received array");
        }
        try {
            metadata.write(request.environment(), key, List.of(id), change, Json.text(object));
        } catch (Metadata.UnknownConnection _) {
            var payload = Json.object().put("connectionId", id).put("providerConfigKey", key);
            throw new Failure.Typed(404, "unknown_connection", missing(id, key, false), payload);
        } catch (Metadata.Unstorable e) {
            throw Part.BODY.refuse("custom", "The metadata cannot be stored: " + e.getMessage());
        }
        return Answer.json(status, object);
    }
}
