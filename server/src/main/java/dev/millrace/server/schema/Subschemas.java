package dev.millrace.server.schema;

import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds the schemas within a schema (draft 7), so that a property called "items" is not taken for the keyword. */
final class Subschemas {
    private static final List<String> NAMED = List.of("properties", "patternProperties", "definitions", "$defs");
    private static final List<String> LISTED = List.of("allOf", "anyOf", "oneOf", "items");
    private static final List<String> SINGLE = List.of(
            "items",
            "additionalProperties",
            "additionalItems",
            "contains",
            "propertyNames",
            "not",
            "if",
            "then",
            "else");

    private Subschemas() {}

    /** Visits a schema and all schemas within it, inner ones first. */
    static void visit(JsonNode schema, Consumer<ObjectNode> visitor) {
        if (!(schema instanceof ObjectNode object)) {
            return;
        }
        for (var keyword : NAMED) {
            object.path(keyword).properties().forEach(e -> visit(e.getValue(), visitor));
        }
        for (var keyword : LISTED) {
            if (object.path(keyword).isArray()) {
                object.path(keyword).forEach(s -> visit(s, visitor));
            }
        }
        for (var keyword : SINGLE) {
            visit(object.path(keyword), visitor);
        }
        visitor.accept(object);
    }
}
