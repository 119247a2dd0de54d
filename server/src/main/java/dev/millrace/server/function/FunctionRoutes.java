package dev.millrace.server.function;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Times;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/**
 * {@code GET /scripts/config}: the deployed functions, in the platform's own format or as tools for a language model.
 */
public final class FunctionRoutes {
    private static final Pattern FIELD_LINE = Pattern.compile("(?m)^\\s*-\\s*([A-Za-z0-9_]+):\\s*(.+)$");

    private final Functions functions;
    private final Integrations integrations;

    public FunctionRoutes(Functions functions, Integrations integrations) {
        this.functions = functions;
        this.integrations = integrations;
    }

    public List<Route> routes() {
        return List.of(Route.get("/scripts/config", this::config, "environment:integrations:list_functions"));
    }

    private Response config(Request request) {
        var active = functions.active(request.environment());
        var openai = request.queryTree().path("format").asString("").equals("openai");
        return Response.ok(openai ? tools(active) : byIntegration(request.environment(), active));
    }

    private ArrayNode byIntegration(long environment, List<Function> active) {
        Map<String, ObjectNode> nodes = new LinkedHashMap<>();
        for (Integration integration : integrations.list(environment)) {
            var node = Json.object()
                    .put("providerConfigKey", integration.uniqueKey())
                    .put("provider", integration.provider());
            node.putArray("syncs");
            node.putArray("actions");
            node.putArray("on-events");
            nodes.put(integration.uniqueKey(), node);
        }
        var used = Json.array();
        for (var function : active) {
            var node = nodes.get(function.integration());
            if (node != null) {
                ((ArrayNode) node.get(function.kind().wire() + "s")).add(show(function));
            }
        }
        nodes.values().stream()
                .filter(n -> n.valueStream().anyMatch(v -> v.isArray() && !v.isEmpty()))
                .forEach(used::add);
        return used;
    }

    private static ObjectNode show(Function function) {
        var node = Json.object()
                .put("id", function.id())
                .put("name", function.name())
                .put("type", function.kind().wire());
        function.models().forEach(node.putArray("returns")::add);
        function.description().ifPresent(d -> node.put("description", d));
        node.putObject("attributes");
        function.scopes().forEach(node.putArray("scopes")::add);
        node.put("version", function.version()).put("source", function.source());
        node.putRawValue("endpoints", new RawValue(function.endpoints()));
        function.input().ifPresent(i -> node.put("input", i));
        node.put("enabled", function.enabled()).put("last_deployed", Times.utc(function.deployedAt()));
        function.webhookSubscriptions().forEach(node.putArray("webhookSubscriptions")::add);
        node.putRawValue("json_schema", new RawValue(function.jsonSchema().orElse("null")));
        node.put("sdk_version", function.sdkVersion().orElse(null));
        var models = node.putArray("models");
        Json.parseObject(function.jsonSchema().orElse("{}"))
                .path("definitions")
                .propertyNames()
                .forEach(name -> models.addObject().put("name", name).putArray("fields"));
        function.features().forEach(node.putArray("features")::add);
        switch (function.kind()) {
            case SYNC ->
                node.put("sync_type", function.syncType().orElse("full"))
                        .put("auto_start", function.autoStart())
                        .put("runs", function.runs().orElse(null))
                        .put("track_deletes", function.trackDeletes());
            case ON_EVENT -> node.put("event", function.event());
            case ACTION, FUNCTION -> {}
        }
        return node;
    }

    private static ObjectNode tools(List<Function> active) {
        var answer = Json.object();
        var data = answer.putArray("data");
        for (var kind : List.of(Kind.SYNC, Kind.ACTION)) {
            active.stream()
                    .filter(f -> f.kind() == kind)
                    .map(FunctionRoutes::tool)
                    .forEach(data::add);
        }
        return answer;
    }

    private static ObjectNode tool(Function function) {
        var description = function.description().orElse("");
        var tool = Json.object().put("name", function.name()).put("description", description);
        var parameters = tool.putObject("parameters").put("type", "object");
        var schema = function.kind() == Kind.ACTION ? inputSchema(function) : Json.object();
        var properties = parameters.putObject("properties");
        schema.path("properties").properties().forEach(e -> properties.set(e.getKey(), e.getValue()));
        Matcher line = FIELD_LINE.matcher(description);
        while (line.find()) {
            if (properties.get(line.group(1)) instanceof ObjectNode property) {
                property.put("description", line.group(2).strip());
            }
        }
        var required = parameters.putArray("required");
        schema.path("required").forEach(required::add);
        return tool;
    }

    private static JsonNode inputSchema(Function function) {
        return Json.parseObject(function.jsonSchema().orElse("{}"))
                .path("definitions")
                .path(function.input().orElse(""));
    }
}
