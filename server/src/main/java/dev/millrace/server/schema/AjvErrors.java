package dev.millrace.server.schema;

import com.networknt.schema.Error;
import com.networknt.schema.path.NodePath;
import dev.millrace.server.http.Json;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Converts the errors of the JSON Schema validator to the format of Ajv, the common validator for JavaScript. It
 * reports less only for invalid property names.
 */
final class AjvErrors {
    private final JsonNode root;
    private final ArrayNode list = Json.array();
    private final Set<String> told = new HashSet<>();
    // The unions whose branches the last error came from, innermost first.
    private Deque<Union> unions = new ArrayDeque<>();

    private AjvErrors(JsonNode root) {
        this.root = root;
    }

    private record Union(String evaluation, String instancePath, String schemaPath) {}

    /** @param root the schema that the errors refer to */
    static ArrayNode of(List<Error> errors, JsonNode root) {
        var ajv = new AjvErrors(root);
        errors.forEach(ajv::add);
        ajv.leaveAllBut(new ArrayDeque<>());
        return ajv.list;
    }

    private void add(Error error) {
        leaveAllBut(unions(error));
        var instancePath = error.getInstanceLocation().toString();
        var schemaPath =
                schemaPath(error.getEvaluationPath(), error.getEvaluationPath().getNameCount());
        var value = error.getSchemaNode();
        var property = error.getProperty() == null ? "" : error.getProperty();
        var params = Json.object();
        var message = switch (error.getKeyword()) {
            case "type" -> {
                params.set("type", value);
                yield "must be " + types(value);
            }
            case "required" -> {
                params.put("missingProperty", property);
                yield "must have required property '" + property + "'";
            }
            case "additionalProperties" -> {
                params.put("additionalProperty", property);
                yield "must NOT have additional properties";
            }
            case "propertyNames" -> {
                params.put("propertyName", property);
                yield "property name must be valid";
            }
            case "enum" -> {
                params.set("allowedValues", value);
                yield "must be equal to one of the allowed values";
            }
            case "const" -> {
                params.set("allowedValue", value);
                yield "must be equal to constant";
            }
            case "pattern" -> {
                params.set("pattern", value);
                yield "must match pattern \"" + value.asString("") + '"';
            }
            case "format" -> {
                params.set("format", value);
                yield "must match format \"" + value.asString("") + '"';
            }
            case "multipleOf" -> {
                params.set("multipleOf", value);
                yield "must be multiple of " + value;
            }
            case "minimum" -> compared(params, ">=", value);
            case "maximum" -> compared(params, "<=", value);
            case "exclusiveMinimum" -> compared(params, ">", value);
            case "exclusiveMaximum" -> compared(params, "<", value);
            case "minLength" -> limited(params, "fewer than", value, "characters");
            case "maxLength" -> limited(params, "more than", value, "characters");
            case "minItems" -> limited(params, "fewer than", value, "items");
            case "maxItems" -> limited(params, "more than", value, "items");
            case "minProperties" -> limited(params, "fewer than", value, "properties");
            case "maxProperties" -> limited(params, "more than", value, "properties");
            case "additionalItems" ->
                limited(params, "more than", JsonNodeFactory.instance.numberNode(error.getIndex()), "items");
            case "oneOf" -> {
                params.set("passingSchemas", passing(error));
                yield "must match exactly one schema in oneOf";
            }
            case "not" -> "must NOT be valid";
            default -> "must pass \"" + error.getKeyword() + "\" keyword validation";
        };
        // Of too many items only the first is reported.
        if (told.add(instancePath + ' ' + schemaPath + ' ' + property)) {
            add(instancePath, schemaPath, error.getKeyword(), params, message);
        }
    }

    private void add(String instancePath, String schemaPath, String keyword, ObjectNode params, String message) {
        var error = list.addObject()
                .put("instancePath", instancePath)
                .put("schemaPath", schemaPath)
                .put("keyword", keyword);
        error.set("params", params);
        error.put("message", message);
    }

    private static String compared(ObjectNode params, String comparison, JsonNode limit) {
        params.put("comparison", comparison).set("limit", limit);
        return "must be " + comparison + ' ' + limit;
    }

    private static String limited(ObjectNode params, String relation, JsonNode limit, String things) {
        params.set("limit", limit);
        return "must NOT have " + relation + ' ' + limit + ' ' + things;
    }

    private static String types(JsonNode type) {
        return type.isArray()
                ? type.valueStream().map(t -> t.asString("")).collect(Collectors.joining(","))
                : type.asString("");
    }

    /** The first two that match; null when none does. */
    private static JsonNode passing(Error error) {
        var arguments = error.getArguments();
        if (arguments.length < 2 || String.valueOf(arguments[1]).isEmpty()) {
            return JsonNodeFactory.instance.nullNode();
        }
        var indexes = Json.array();
        for (var index : String.valueOf(arguments[1]).split(", ", 3)) {
            if (indexes.size() < 2) {
                indexes.add(Integer.parseInt(index));
            }
        }
        return indexes;
    }

    /** The error of a union follows those of its branches. */
    private void leaveAllBut(Deque<Union> next) {
        for (var union : unions) {
            if (!next.contains(union)) {
                add(union.instancePath(), union.schemaPath(), "anyOf", Json.object(), "must match a schema in anyOf");
            }
        }
        unions = next;
    }

    /** The unions on the way to an error, innermost first. */
    private Deque<Union> unions(Error error) {
        var found = new ArrayDeque<Union>();
        var path = error.getEvaluationPath();
        int depth = 0;
        for (int i = 0; i < path.getNameCount(); i++) {
            switch (path.getName(i)) {
                case "anyOf" -> {
                    var at = pointer(error.getInstanceLocation(), depth);
                    found.push(new Union(pointer(path, i + 1) + ' ' + at, at, schemaPath(path, i + 1)));
                    i++;
                }
                case "oneOf", "allOf" -> i++;
                case "properties", "patternProperties" -> {
                    depth++;
                    i++;
                }
                case "items" -> {
                    depth++;
                    i += i + 1 < path.getNameCount() && isIndex(path.getName(i + 1)) ? 1 : 0;
                }
                case "additionalItems", "additionalProperties", "contains" -> depth++;
                default -> {}
            }
        }
        return found;
    }

    private static boolean isIndex(String name) {
        return name.chars().allMatch(Character::isDigit);
    }

    /** The target of the first steps of an evaluation path; a reference leads to its target. */
    private String schemaPath(NodePath evaluation, int steps) {
        var path = "#";
        for (int i = 0; i < steps; i++) {
            var step = evaluation.getName(i);
            path = step.equals("$ref") ? reference(path) : path + '/' + escaped(step);
        }
        return path;
    }

    private String reference(String path) {
        return root.at(path.substring(1)).path("$ref").asString("#");
    }

    private static String pointer(NodePath path, int steps) {
        var pointer = new StringBuilder();
        for (int i = 0; i < steps; i++) {
            pointer.append('/').append(escaped(path.getName(i)));
        }
        return pointer.toString();
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
