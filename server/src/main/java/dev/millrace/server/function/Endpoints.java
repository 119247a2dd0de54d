package dev.millrace.server.function;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** The deprecated endpoints of a function, {@code {method, path, group?}} or {@code {GET: path}}. */
final class Endpoints {
    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "PATCH", "DELETE");
    private static final Text GROUP = Text.between(1, 64);

    private Endpoints() {}

    /** Reads both formats and returns the newer one. */
    static ArrayNode read(Fields flow) {
        var endpoints = Json.array();
        var given = flow.optionalArray("endpoints").orElseGet(Json::array);
        for (int i = 0; i < given.size(); i++) {
            var endpoint = flow.item("endpoints", i, given.get(i));
            if (endpoint.has("method") || endpoint.has("path")) {
                current(endpoint, given.get(i), endpoints);
            } else {
                older(endpoint, endpoints);
            }
        }
        return endpoints;
    }

    private static void current(Fields endpoint, JsonNode given, ArrayNode endpoints) {
        endpoint.choice("method", METHODS);
        endpoint.text("path", Text.ANY);
        endpoint.optionalText("group", GROUP);
        endpoint.close();
        endpoints.add(given);
    }

    private static void older(Fields endpoint, ArrayNode endpoints) {
        for (var method : METHODS) {
            endpoint.optionalText(method, Text.ANY)
                    .ifPresent(
                            path -> endpoints.addObject().put("method", method).put("path", path));
        }
        endpoint.close();
    }
}
