package dev.millrace.server.function;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The state of a dry run or of a deployment of source text.
 *
 * @param status {@code waiting}, {@code running}, {@code success} or {@code failed}
 * @param request the request; empty once the job has ended
 * @param outcome further fields of the response
 */
public record Job(
        UUID id,
        long environment,
        String integration,
        String functionType,
        String status,
        ObjectNode request,
        ObjectNode outcome,
        Instant createdAt,
        Instant updatedAt,
        Optional<Instant> startedAt,
        Optional<Instant> completedAt) {
    private static final Set<String> COMPILER =
            Set.of("compilation_error", "timeout", "execution_environment_unavailable");

    /** The response to the request that created it. */
    public ObjectNode accepted() {
        return Json.object().put("id", id.toString()).put("status", status).put("created_at", Times.utc(createdAt));
    }

    /** The response to a request for its state. */
    public ObjectNode shown() {
        var node = Json.object()
                .put("id", id.toString())
                .put("status", status)
                .put("integration_id", integration)
                .put("function_type", functionType)
                .put("created_at", Times.utc(createdAt))
                .put("updated_at", Times.utc(updatedAt));
        startedAt.ifPresent(at -> node.put("started_at", Times.utc(at)));
        completedAt.ifPresent(at -> node.put("completed_at", Times.utc(at)));
        startedAt
                .flatMap(from -> completedAt.map(to -> Duration.between(from, to)))
                .ifPresent(took -> node.put("duration_ms", took.toMillis()));
        return node.setAll(outcome);
    }

    /** An outcome that consists of an error. */
    public static ObjectNode error(String code, String message) {
        var outcome = Json.object();
        outcome.putObject("error").put("code", code).put("message", message);
        return outcome;
    }

    /**
     * The same with details.
     *
     * @param payload any JSON
     */
    public static ObjectNode error(String code, String message, JsonNode payload) {
        var outcome = error(code, message);
        ((ObjectNode) outcome.path("error")).set("payload", payload);
        return outcome;
    }

    /**
     * The error shown for a failure.
     *
     * @param code of failures other than those of the compiler
     */
    public static ObjectNode error(Failure failure, String code) {
        return switch (failure) {
            case Failure.Plain plain
            when COMPILER.contains(plain.code()) ->
                error(
                        plain.code(),
                        String.valueOf(plain.getMessage()),
                        plain.details().<JsonNode>map(d -> d.path("payload")).orElseGet(Json::object));
            case Failure.Plain plain ->
                error(code, String.valueOf(plain.getMessage()), Json.object().put("code", plain.code()));
            case Failure.Typed typed ->
                error(code, String.valueOf(typed.getMessage()), Json.object().put("code", typed.code()));
            case Failure.Upstream upstream -> error(code, upstream.code());
            case Failure.Invalid invalid ->
                error(
                        "validation_error",
                        invalid.issues().stream()
                                .map(i -> String.join(".", i.path()) + ": " + i.message())
                                .collect(Collectors.joining("; ")));
        };
    }
}
