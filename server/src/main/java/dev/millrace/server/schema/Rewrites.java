package dev.millrace.server.schema;

import dev.millrace.server.http.Json;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Converts the schema of zod's output to one for its input. Zod lists keys with a default as required and closes every
 * object. Its parser, however, fills in defaults and ignores unknown keys.
 */
final class Rewrites {
    static final String URL = "^[A-Za-z][A-Za-z0-9+.-]*:";

    private Rewrites() {}

    /** The schema with open objects whose keys with a default are optional. */
    static ObjectNode opened(ObjectNode schema) {
        var copy = schema.deepCopy();
        Subschemas.visit(copy, Rewrites::open);
        return copy;
    }

    private static void open(ObjectNode schema) {
        if (schema.path("additionalProperties").isBoolean()) {
            schema.remove("additionalProperties");
        }
        if (schema.get("required") instanceof ArrayNode required) {
            var properties = schema.path("properties");
            required.removeIf(name -> properties.path(name.asString("")).has("default"));
            if (required.isEmpty()) {
                schema.remove("required");
            }
        }
    }

    /** An opened schema, rewritten so that the validator decides as zod does and reports the most useful errors. */
    static ObjectNode checkable(ObjectNode opened) {
        var copy = opened.deepCopy();
        Subschemas.visit(copy, schema -> {
            formats(schema);
            nullable(schema);
        });
        return copy;
    }

    private static void formats(ObjectNode schema) {
        withoutForeignPattern(schema);
        // Where there is a pattern, it is zod's own definition of the format.
        if (schema.has("pattern")) {
            schema.remove("format");
        } else if (schema.path("format").asString("").equals("uri")) {
            schema.remove("format");
            schema.put("pattern", URL);
        }
    }

    /** A pattern that Java cannot compile is left out. */
    static void withoutForeignPattern(ObjectNode schema) {
        var pattern = schema.path("pattern").asString("");
        if (!pattern.isEmpty() && !compiles(pattern)) {
            schema.remove("pattern");
        }
    }

    private static boolean compiles(String pattern) {
        try {
            Pattern.compile(pattern);
            return true;
        } catch (PatternSyntaxException _) {
            return false; // JavaScript's regular expressions have features that Java's lack
        }
    }

    /** {@code anyOf: [T, null]} becomes {@code T} with a nullable type, so that problems are reported for T itself. */
    private static void nullable(ObjectNode schema) {
        var branches = schema.path("anyOf");
        if (branches.size() != 2 || !isNull(branches.get(1))) {
            return;
        }
        if (branches.get(0) instanceof ObjectNode branch && branch.path("type").isString()) {
            schema.remove("anyOf");
            schema.setAll(branch);
            schema.putArray("type").add(branch.path("type")).add("null");
            if (branch.has("const")) {
                schema.remove("const");
                schema.putArray("enum").add(branch.get("const")).addNull();
            } else if (branch.get("enum") instanceof ArrayNode options) {
                schema.set("enum", Json.array().addAll(options).addNull());
            }
        }
    }

    private static boolean isNull(JsonNode schema) {
        return schema.path("type").asString("").equals("null");
    }
}
