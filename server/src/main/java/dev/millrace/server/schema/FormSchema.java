package dev.millrace.server.schema;

import dev.millrace.server.http.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Merges the schemas of several functions for one object into a schema from which an app can render a form. */
final class FormSchema {
    private static final List<String> LABELS = List.of("title", "description", "default");

    private final Map<String, Map<JsonNode, List<String>>> properties = new LinkedHashMap<>();
    private final Set<String> required = new LinkedHashSet<>();
    private final ObjectNode definitions = Json.object();
    private final List<JsonNode> others = new ArrayList<>();

    static ObjectNode of(List<MetadataSchema> schemas) {
        var form = new FormSchema();
        schemas.forEach(form::add);
        return form.schema();
    }

    private void add(MetadataSchema schema) {
        var own = named(schema);
        if (!own.has("properties")) {
            own.remove("$schema");
            others.add(own);
            return;
        }
        own.path("properties")
                .properties()
                .forEach(e -> properties
                        .computeIfAbsent(e.getKey(), _ -> new LinkedHashMap<>())
                        .computeIfAbsent(e.getValue(), _ -> new ArrayList<>())
                        .add(schema.function()));
        own.path("required").forEach(name -> required.add(name.asString("")));
    }

    /** The schema with its definitions moved to the common ones, prefixed with the function's name. */
    private ObjectNode named(MetadataSchema schema) {
        var own = schema.opened().deepCopy();
        var prefix = schema.function() + '.';
        var text = Json.text(own);
        if (!text.contains("\"$ref\"")) {
            return own;
        }
        boolean recursive = text.contains("\"$ref\":\"#\"");
        Subschemas.visit(own, s -> {
            var ref = s.path("$ref").asString("");
            if (ref.equals("#")) {
                s.put("$ref", "#/definitions/" + schema.function());
            } else if (ref.startsWith("#/definitions/")) {
                s.put("$ref", "#/definitions/" + prefix + ref.substring("#/definitions/".length()));
            }
        });
        var inner = own.remove("definitions");
        if (inner != null) {
            inner.properties().forEach(e -> definitions.set(prefix + e.getKey(), e.getValue()));
        }
        if (recursive) {
            definitions.set(schema.function(), own.deepCopy());
        }
        return own;
    }

    private ObjectNode schema() {
        var schema = Json.object()
                .put("$schema", "http://json-schema.org/draft-07/schema#")
                .put("type", "object");
        var all = schema.putObject("properties");
        properties.forEach((name, asked) -> all.set(name, property(asked)));
        required.forEach(schema.putArray("required")::add);
        if (!others.isEmpty()) {
            others.forEach(schema.putArray("allOf")::add);
        }
        if (!definitions.isEmpty()) {
            schema.set("definitions", definitions);
        }
        return schema;
    }

    private static ObjectNode property(Map<JsonNode, List<String>> asked) {
        var property = Json.object();
        if (asked.size() == 1 && asked.keySet().iterator().next() instanceof ObjectNode only && !only.has("$ref")) {
            property.setAll(only);
        } else {
            for (var label : LABELS) {
                asked.keySet().stream()
                        .filter(s -> s.has(label))
                        .findFirst()
                        .ifPresent(s -> property.set(label, s.get(label)));
            }
            asked.keySet().forEach(property.withArray("allOf")::add);
        }
        var functions = property.putArray("x-functions");
        asked.values().forEach(names -> names.forEach(functions::add));
        return property;
    }
}
