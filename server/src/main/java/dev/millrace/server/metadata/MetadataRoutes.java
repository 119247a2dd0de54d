package dev.millrace.server.metadata;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Endpoints that set and update the metadata of one or more connections, at the current and the older paths. */
public final class MetadataRoutes {
    static final String SCOPE = "environment:connections:update";

    private final Metadata metadata;

    public MetadataRoutes(Metadata metadata) {
        this.metadata = metadata;
    }

    public List<Route> routes() {
        Route.Handler setOne = request -> writeOne(request, 201);
        Route.Handler updateOne = request -> writeOne(request, 200);
        return List.of(
                Route.post("/connections/metadata", this::set, SCOPE),
                patch("/connections/metadata", this::update),
                Route.post("/connection/metadata", this::set, SCOPE),
                patch("/connection/metadata", this::update),
                Route.post("/connection/{connectionId}/metadata", setOne, SCOPE),
                patch("/connection/{connectionId}/metadata", updateOne));
    }

    /** A route that checks the content type itself. */
    static Route patch(String pattern, Route.Handler handler) {
        return new Route("PATCH", pattern, List.of(SCOPE), true, handler);
    }

    /** The fields of a request, before the metadata is validated. */
    private record Head(JsonNode json, List<String> ids, boolean several, String key) {}

    private Response set(Request request) {
        request.noQuery();
        var json = request.json();
        var body = Fields.of(Part.BODY, json);
        var head = head(json, body);
        var object = body.record("metadata");
        body.end();
        return write(request, head, Edit.replace(object), 201);
    }

    private Response update(Request request) {
        var type = PatchType.of(request);
        request.noQuery();
        var json = request.json();
        var body = Fields.of(Part.BODY, json);
        var head = head(json, body);
        JsonNode patch = type == PatchType.JSON_PATCH ? body.array("metadata") : body.record("metadata");
        body.end();
        return write(request, head, type.edit(patch, "metadata"), 200);
    }

    private static Head head(JsonNode json, Fields body) {
        boolean several = body.any("connection_id").map(JsonNode::isArray).orElse(false);
        var ids = connectionIds(body, several);
        return new Head(json, ids, several, body.text("provider_config_key", Text.INTEGRATION_ID));
    }

    private static List<String> connectionIds(Fields body, boolean several) {
        if (several) {
            return body.texts("connection_id", Text.CONNECTION_ID);
        }
        if (body.any("connection_id").filter(n -> !n.isString()).isPresent()) {
            body.issue("invalid_union", "Invalid input", "connection_id");
            return List.of();
        }
        return List.of(body.text("connection_id", Text.CONNECTION_ID));
    }

    private Response write(Request request, Head head, Edit edit, int status) {
        var actor = Actor.key(request.caller());
        var condition = Replies.ifMatch(request);
        if (head.ids().size() != 1 && condition.isGiven()) {
            throw Part.HEADERS.refuse("custom", "If-Match requires exactly one connection", "if-match");
        }
        try {
            if (head.ids().size() == 1) {
                var address = new Address(
                        request.environment(), head.key(), head.ids().getFirst());
                var written = metadata.write(address, edit, actor, condition);
                return Replies.written(status, written, Json.bytes(head.json()));
            }
            var all = metadata.writeAll(request.environment(), head.key(), head.ids(), edit, actor);
            var warnings =
                    all.stream().flatMap(w -> w.warnings().stream()).distinct().toList();
            return new Response.Whole(status, Replies.warnings(warnings), Json.bytes(head.json()));
        } catch (UnknownConnection e) {
            throw Replies.unknown(e.connectionId(), head.key(), head.ids().size() > 1);
        }
    }

    /** The older path: the body is the metadata object itself. */
    private Response writeOne(Request request, int status) {
        var type = status == 200 ? PatchType.of(request) : null;
        var query = request.query().loose();
        var key = query.optionalText("provider_config_key", Text.ANY)
                .or(() -> request.header("Provider-Config-Key"))
                .orElse("");
        query.end();
        var id = request.variable("connectionId");
        var json = request.json();
        var edit = type == null ? Edit.replace(object(json)) : type.edit(json);
        try {
            var address = new Address(request.environment(), key, id);
            var written = metadata.write(address, edit, Actor.key(request.caller()), Replies.ifMatch(request));
            return Replies.written(status, written, Json.bytes(json));
        } catch (UnknownConnection _) {
            throw Replies.unknownTyped(id, key);
        }
    }

    static ObjectNode object(JsonNode json) {
        if (json instanceof ObjectNode object) {
            return object;
        }
        throw Part.BODY.refuse("invalid_type", "Invalid input: expected record, received array");
    }
}
