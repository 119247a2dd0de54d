package dev.millrace.server.action;

import dev.millrace.server.function.Function;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.schema.ModelSchemas;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Validates the input of bundle functions before they run. Thread-safe. */
final class InvocationInput {
    private final ModelSchemas schemas = new ModelSchemas();

    /** @throws Failure 400 when the function would get an input that it does not declare */
    void check(Function function, JsonNode input) {
        refusal(function, input).ifPresent(refusal -> {
            throw refusal;
        });
    }

    /** The error for an input; empty when the function may get it. */
    Optional<Failure> refusal(Function function, JsonNode input) {
        var model = function.input();
        if (model.isEmpty()) {
            return input.isNull()
                    ? Optional.empty()
                    : Optional.of(refusal(
                            "unexpected_function_input",
                            "unexpected_function_input",
                            "The function " + function.name() + " declares no input",
                            Json.array()));
        }
        var fault = schemas.fault(function, model.get());
        if (fault.isPresent()) {
            return Optional.of(refusal(
                    "invalid_function_input_schema", "invalid_function_input_schema", fault.get(), Json.array()));
        }
        var violations = schemas.violations(function, model.get(), input);
        if (violations.isEmpty()) {
            return Optional.empty();
        }
        var first = violations.get(0);
        return Optional.of(refusal(
                "invalid_function_input",
                first.path("keyword").asString(""),
                first.path("message").asString(""),
                path(first.path("instancePath").asString(""))));
    }

    private static Failure refusal(String why, String code, String message, ArrayNode path) {
        ObjectNode details = Json.object();
        details.putArray("errors")
                .addObject()
                .put("code", code)
                .put("message", message)
                .set("path", path);
        return new Failure.Plain(400, "validation_error", why, details);
    }

    /** The names and indexes of a JSON pointer. */
    private static ArrayNode path(String pointer) {
        var path = Json.array();
        for (var part : pointer.split("/", -1)) {
            path.add(part.replace("~1", "/").replace("~0", "~"));
        }
        path.remove(0);
        return path;
    }
}
