package dev.millrace.server.webhook.scheme;

import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Reads fields of untrusted JSON. */
final class Fields {
    private static final Pattern ITEM = Pattern.compile("\\d{1,6}");

    private Fields() {}

    /** The value at a dotted path, or a missing node. A field whose name equals the whole path takes precedence. */
    static JsonNode at(JsonNode node, String path) {
        if (path.isEmpty()) {
            return node;
        }
        var direct = child(node, path);
        if (!direct.isMissingNode()) {
            return direct;
        }
        var found = node;
        for (var name : path.split("\\.", -1)) {
            found = child(found, name);
        }
        return found;
    }

    private static JsonNode child(JsonNode node, String name) {
        return node.isArray() && ITEM.matcher(name).matches() ? node.path(Integer.parseInt(name)) : node.path(name);
    }

    /** A string, number or boolean as text; empty if the node is none of these or the text is empty. */
    static Optional<String> text(JsonNode node) {
        var text = node.isString()
                ? node.stringValue()
                : node.isIntegralNumber() || node.isBoolean()
                        ? node.asString("")
                        : node.isNumber() ? node.decimalValue().toString() : "";
        return Optional.of(text).filter(value -> !value.isEmpty());
    }

    static Optional<String> text(JsonNode node, String path) {
        return text(at(node, path));
    }
}
