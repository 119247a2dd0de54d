package dev.millrace.server.function;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** A function in the format of the functions API. */
final class FunctionView {
    private static final List<String> SHOWN = List.of("trigger", "requires", "limits");

    private FunctionView() {}

    static ObjectNode of(Function function) {
        var node = Json.object().put("name", function.name());
        if (function.kind() != Kind.ON_EVENT) {
            function.description().ifPresent(d -> node.put("description", d));
            function.scopes().forEach(node.putArray("scopes")::add);
        }
        node.put("type", function.kind().wire());
        switch (function.kind()) {
            case ACTION -> models(node, function);
            case SYNC -> {
                models(node, function);
                node.put("runs", function.runs().orElse(null))
                        .put("auto_start", function.autoStart())
                        .put("track_deletes", function.trackDeletes());
            }
            case ON_EVENT -> node.put("event", function.event());
            case FUNCTION -> {
                models(node, function);
                var bundle = Json.parseObject(function.bundle().orElse(null));
                SHOWN.forEach(name -> node.set(name, bundle.path(name)));
            }
        }
        return node.put("id", function.id())
                .put("enabled", function.enabled())
                .put("last_deployed", Times.utc(function.deployedAt()))
                .put("source", function.source());
    }

    private static void models(ObjectNode node, Function function) {
        function.input().ifPresent(i -> node.put("input", i));
        function.models().forEach(node.putArray("returns")::add);
        node.putRawValue("json_schema", new RawValue(function.jsonSchema().orElse("null")));
    }

    static ObjectNode of(Version version) {
        var function = version.function();
        var node = Json.object()
                .put("id", function.id())
                .put("version", function.version())
                .put("name", function.name())
                .put("type", function.kind().wire());
        if (function.kind() == Kind.ON_EVENT) {
            node.put("event", function.event());
        }
        return node.put("active", version.active())
                .put("source", function.source())
                .put("created_at", Times.utc(version.createdAt()))
                .put("created_by", version.createdBy().orElse(null))
                .put("deployed_at", Times.utc(function.deployedAt()))
                .put("deployed_by", version.deployedBy().orElse(null));
    }
}
