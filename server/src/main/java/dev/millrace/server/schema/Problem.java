package dev.millrace.server.schema;

import dev.millrace.server.http.Json;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One reason why metadata does not satisfy a function's schema.
 *
 * @param code as in zod
 */
public record Problem(String function, String code, String message, List<String> path) {
    public Problem {
        path = List.copyOf(path);
    }

    ObjectNode json() {
        var node = Json.object().put("code", code).put("message", message);
        path.forEach(node.putArray("path")::add);
        return node.put("function", function);
    }

    /** {@code [{code, message, path, function}]}. */
    public static ArrayNode json(List<Problem> problems) {
        var list = Json.array();
        problems.forEach(p -> list.add(p.json()));
        return list;
    }

    /** {@code filter.tags: Invalid input …}, for people. */
    String text() {
        return path.isEmpty() ? message : String.join(".", path) + ": " + message;
    }
}
