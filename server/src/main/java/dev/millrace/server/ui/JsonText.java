package dev.millrace.server.ui;

import dev.millrace.server.http.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON as people read and write it: two spaces per level. */
final class JsonText {
    private final StringBuilder text = new StringBuilder();

    private JsonText() {}

    static String pretty(JsonNode node) {
        var json = new JsonText();
        json.write(node, "\n");
        return json.text.toString();
    }

    static String pretty(String json) {
        return pretty(Json.parse(json));
    }

    private void write(JsonNode node, String line) {
        switch (node) {
            case ObjectNode object
            when !object.isEmpty() -> {
                char separator = '{';
                for (var entry : object.properties()) {
                    text.append(separator).append(line).append("  ");
                    text.append(Json.text(object.stringNode(entry.getKey()))).append(": ");
                    write(entry.getValue(), line + "  ");
                    separator = ',';
                }
                text.append(line).append('}');
            }
            case ArrayNode array
            when !array.isEmpty() -> {
                char separator = '[';
                for (var item : array) {
                    text.append(separator).append(line).append("  ");
                    write(item, line + "  ");
                    separator = ',';
                }
                text.append(line).append(']');
            }
            default -> text.append(Json.text(node));
        }
    }

    /** What is wrong with a text, and where. */
    static String fault(JacksonException fault) {
        var at = fault.getLocation();
        var place = at == null || at.getLineNr() < 1
                ? ""
                : "Line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
        return place + fault.getOriginalMessage() + (fault.getOriginalMessage().endsWith(".") ? "" : ".");
    }
}
