package dev.millrace.server.schema;

import com.networknt.schema.Error;
import com.networknt.schema.path.NodePath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Converts the errors of the JSON Schema validator to zod's codes and messages. */
final class Explanations {
    private final String function;
    private final JsonNode root;

    /** @param root the schema that the errors refer to */
    Explanations(String function, JsonNode root) {
        this.function = function;
        this.root = root;
    }

    /** The problem for each error; several errors of one union are one problem. */
    List<Problem> of(List<Error> errors) {
        Map<List<String>, Map<String, Problem>> found = new LinkedHashMap<>();
        for (var error : errors) {
            var problem = explain(error);
            found.computeIfAbsent(problem.path(), _ -> new LinkedHashMap<>()).putIfAbsent(problem.code(), problem);
        }
        return found.values().stream().flatMap(m -> m.values().stream()).toList();
    }

    private Problem explain(Error error) {
        var at = path(error.getInstanceLocation());
        int union = unionDepth(error.getEvaluationPath());
        if (union >= 0) {
            return problem("invalid_union", "Invalid input", at.subList(0, Math.min(union, at.size())));
        }
        var value = error.getSchemaNode();
        var instance = error.getInstanceNode();
        return switch (error.getKeyword()) {
            case "type" -> problem("invalid_type", expected(names(value), received(instance)), at);
            case "required" -> missing(error, at);
            case "enum" -> problem("invalid_value", options(value), at);
            case "const" -> problem("invalid_value", "Invalid input: expected " + value, at);
            case "minLength", "minItems", "minProperties", "minimum" ->
                problem("too_small", size("Too small", instance, ">=", value), at);
            case "exclusiveMinimum" -> problem("too_small", size("Too small", instance, ">", value), at);
            case "maxLength", "maxItems", "maxProperties", "maximum" ->
                problem("too_big", size("Too big", instance, "<=", value), at);
            case "exclusiveMaximum" -> problem("too_big", size("Too big", instance, "<", value), at);
            case "multipleOf" -> problem("not_multiple_of", "Invalid number: must be a multiple of " + value, at);
            case "pattern" -> problem("invalid_format", format(value.asString("")), at);
            case "format" -> problem("invalid_format", "Invalid " + value.asString(""), at);
            case "propertyNames" -> problem("invalid_key", "Invalid key in record", with(at, error.getProperty()));
            case "additionalProperties" ->
                problem("unrecognized_keys", "Unrecognized key: \"" + error.getProperty() + '"', at);
            default -> problem("custom", "Invalid input: " + error.getMessage(), at);
        };
    }

    private Problem problem(String code, String message, List<String> path) {
        return new Problem(function, code, message, path);
    }

    private Problem missing(Error error, List<String> at) {
        var name = String.valueOf(error.getProperty());
        var schema = schemaOf(error.getEvaluationPath()).path("properties").path(name);
        var path = with(at, name);
        if (schema.has("enum")) {
            return problem("invalid_value", options(schema.get("enum")), path);
        }
        if (schema.has("const")) {
            return problem("invalid_value", "Invalid input: expected " + schema.get("const"), path);
        }
        if (schema.has("anyOf") || schema.has("oneOf")) {
            return problem("invalid_union", "Invalid input", path);
        }
        var resolved = schema.has("$ref") ? resolve(schema.path("$ref").asString("")) : schema;
        var type = resolved.has("type") ? names(resolved.get("type")) : "nonoptional";
        return problem("invalid_type", expected(type, "undefined"), path);
    }

    /** The schema that contains the keyword at the end of a path. */
    private JsonNode schemaOf(NodePath path) {
        var node = root;
        for (int i = 0; i < path.getNameCount() - 1; i++) {
            var step = path.getName(i);
            if (step.equals("$ref")) {
                node = resolve(node.path(step).asString(""));
            } else {
                node = node.isArray() ? node.path(Integer.parseInt(step)) : node.path(step);
            }
        }
        return node;
    }

    private JsonNode resolve(String ref) {
        return ref.startsWith("#") ? root.at(ref.substring(1)) : root.path("");
    }

    /** The depth of the outermost union on the path; -1 without one. */
    private static int unionDepth(NodePath path) {
        int depth = 0;
        for (int i = 0; i < path.getNameCount(); i++) {
            switch (path.getName(i)) {
                case "anyOf", "oneOf" -> {
                    return depth;
                }
                case "properties", "patternProperties" -> {
                    depth++;
                    i++;
                }
                case "items", "additionalItems", "additionalProperties", "contains" -> depth++;
                default -> {}
            }
        }
        return -1;
    }

    private static List<String> path(NodePath location) {
        var path = new ArrayList<String>();
        for (int i = 0; i < location.getNameCount(); i++) {
            path.add(location.getName(i));
        }
        return path;
    }

    private static List<String> with(List<String> path, @Nullable String name) {
        var longer = new ArrayList<>(path);
        longer.add(String.valueOf(name));
        return longer;
    }

    private static String expected(String type, String received) {
        return "Invalid input: expected " + type + ", received " + received;
    }

    private static String names(JsonNode type) {
        if (type.isArray()) {
            return type.valueStream()
                    .map(Explanations::names)
                    .filter(name -> !name.equals("null"))
                    .collect(Collectors.joining("|"));
        }
        return type.asString("").equals("integer") ? "int" : type.asString("");
    }

    private static String options(JsonNode options) {
        return "Invalid option: expected one of "
                + options.valueStream().map(JsonNode::toString).collect(Collectors.joining("|"));
    }

    private static String received(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT, POJO -> "object";
            case ARRAY -> "array";
            case STRING, BINARY -> "string";
            case NUMBER -> "number";
            case BOOLEAN -> "boolean";
            case NULL -> "null";
            case MISSING -> "undefined";
        };
    }

    private static String size(String what, JsonNode instance, String relation, JsonNode bound) {
        var kind = received(instance);
        return what + ": expected " + kind
                + switch (kind) {
                    case "string" -> " to have " + relation + bound + " characters";
                    case "array" -> " to have " + relation + bound + " items";
                    case "object" -> " to have " + relation + bound + " keys";
                    default -> " to be " + relation + bound;
                };
    }

    private static String format(String pattern) {
        return pattern.equals(Rewrites.URL) ? "Invalid URL" : "Invalid string: must match pattern /" + pattern + '/';
    }
}
