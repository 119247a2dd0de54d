package dev.millrace.server.schema;

import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Issue;
import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import dev.millrace.server.metadata.MetadataGuard;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** Validates metadata when they are written, as the environment's setting requires. Thread-safe. */
public final class ValidatingGuard implements MetadataGuard {
    private final MetadataSchemas schemas;
    private final EnvironmentSettings settings;
    private final Logs logs;

    public ValidatingGuard(MetadataSchemas schemas, EnvironmentSettings settings, Logs logs) {
        this.schemas = schemas;
        this.settings = settings;
        this.logs = logs;
    }

    @Override
    public List<Issue> check(Handle handle, long environment, long integrationId, JsonNode metadata) {
        return switch (settings.get(handle, environment).metadataValidation()) {
            case OFF -> List.of();
            case WARN -> warn(handle, environment, schemas.problemsOfAll(handle, integrationId, metadata));
            case ENFORCE -> enforce(schemas.problemsOfAll(handle, integrationId, metadata));
        };
    }

    private List<Issue> warn(Handle handle, long environment, List<Problem> problems) {
        if (!problems.isEmpty()) {
            logs.note(
                    handle,
                    environment,
                    UUID.randomUUID(),
                    "warn",
                    "Metadata was written that is not what the functions ask for: " + text(problems));
        }
        return problems.stream()
                .map(p -> new Issue(p.code(), p.message() + " (" + p.function() + ')', p.path()))
                .toList();
    }

    private static List<Issue> enforce(List<Problem> problems) {
        if (!problems.isEmpty()) {
            var details = Json.object();
            details.set("errors", Problem.json(problems));
            throw new Failure.Plain(400, "invalid_metadata", null, details);
        }
        return List.of();
    }

    private static String text(List<Problem> problems) {
        return problems.stream().map(p -> p.function() + ": " + p.text()).collect(Collectors.joining("; "));
    }
}
