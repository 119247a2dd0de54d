package dev.millrace.server.schema;

import dev.millrace.server.http.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** Lists the fields of metadata schemas, for people. Fields that several functions declare alike are listed once. */
final class FieldList {
    private static final int DEEPEST = 4;
    private static final int MOST = 300;

    private record Key(String path, String type) {}

    private final Map<Key, MetadataField> fields = new LinkedHashMap<>();
    private final MetadataSchema schema;

    private FieldList(MetadataSchema schema) {
        this.schema = schema;
    }

    static List<MetadataField> of(List<MetadataSchema> schemas) {
        var all = new LinkedHashMap<Key, MetadataField>();
        for (var schema : schemas) {
            var list = new FieldList(schema);
            list.add("", schema.opened(), 0);
            list.fields.forEach((key, field) -> all.merge(key, field, FieldList::merged));
        }
        return all.values().stream().limit(MOST).toList();
    }

    private static MetadataField merged(MetadataField a, MetadataField b) {
        var functions = new LinkedHashSet<>(a.functions());
        functions.addAll(b.functions());
        return new MetadataField(
                a.path(),
                a.type(),
                a.required() || b.required(),
                a.description().isEmpty() ? b.description() : a.description(),
                a.fallback().or(b::fallback),
                List.copyOf(functions));
    }

    private void add(String prefix, JsonNode given, int depth) {
        if (depth == DEEPEST) {
            return;
        }
        var object = resolved(given);
        object.path("allOf").forEach(part -> add(prefix, part, depth + 1));
        var required = StreamSupport.stream(object.path("required").spliterator(), false)
                .map(name -> name.asString(""))
                .collect(Collectors.toSet());
        for (var property : object.path("properties").properties()) {
            var path = prefix + property.getKey();
            var value = resolved(property.getValue());
            var type = type(property.getValue(), 0);
            var description = Stream.of(property.getValue(), value)
                    .map(node -> node.path("description").asString(""))
                    .filter(text -> !text.isEmpty())
                    .findFirst();
            fields.putIfAbsent(
                    new Key(path, type),
                    new MetadataField(
                            path,
                            type,
                            required.contains(property.getKey()),
                            description.orElse(""),
                            Optional.ofNullable(value.get("default")).map(Json::text),
                            List.of(schema.function())));
            add(path + '.', value, depth + 1);
        }
    }

    /** What a reference points to; references may form a circle. */
    private JsonNode resolved(JsonNode node) {
        var at = node;
        for (int steps = 0; steps < DEEPEST && at.path("$ref").isString(); steps++) {
            var reference = at.path("$ref").asString("");
            at = reference.equals("#")
                    ? schema.opened()
                    : schema.opened().path("definitions").path(reference.substring(reference.lastIndexOf('/') + 1));
        }
        return at;
    }

    private String type(JsonNode given, int depth) {
        var node = resolved(given);
        if (depth == DEEPEST) {
            return "any";
        }
        if (node.has("const")) {
            return Json.text(node.path("const"));
        }
        if (node.has("enum")) {
            return joined(node.path("enum"), Json::text);
        }
        for (var choice : List.of("anyOf", "oneOf")) {
            if (node.has(choice)) {
                return joined(node.path(choice), option -> type(option, depth + 1));
            }
        }
        var type = node.path("type");
        if (type.isArray()) {
            return joined(type, name -> name.asString("any"));
        }
        var name = type.asString(node.has("properties") ? "object" : "any");
        if (name.equals("array")) {
            return node.path("items").isObject() ? "list of " + type(node.path("items"), depth + 1) : "list";
        }
        var format = node.path("format").asString("");
        return format.isEmpty() ? name : name + " (" + format + ')';
    }

    private static String joined(JsonNode options, java.util.function.Function<JsonNode, String> text) {
        var texts = new ArrayList<String>();
        options.forEach(option -> texts.add(text.apply(option)));
        return texts.stream().distinct().collect(Collectors.joining(" | "));
    }
}
