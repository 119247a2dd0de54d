package dev.millrace.server.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Settings;
import dev.millrace.server.function.ScriptType;
import dev.millrace.server.function.js.HostError;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Json;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Validates one run's input, output and records against its function's schemas, if the environment requires it. */
final class Validation {
    private static final String RECORD = "invalid_sync_record";

    private final Work work;
    private final ModelChecks checks;
    private final boolean wanted;

    Validation(Work work, ModelChecks checks, EnvironmentSettings settings) {
        this.work = work;
        this.checks = checks;
        this.wanted = Optional.of(settings.get(work.connection().environmentId()))
                .filter(Settings::functionValidation)
                .isPresent();
    }

    /** The failure of an action with invalid input. */
    Optional<Outcome.Failed> input() {
        if (!wanted
                || work.type() != ScriptType.ACTION
                || work.function().input().isEmpty()) {
            return Optional.empty();
        }
        var model = work.function().input().get();
        var data = Json.parseSaid(work.input().orElse("null").getBytes(UTF_8));
        var violations = checks.violations(work.function(), model, data);
        if (data.isNull() && !violations.isEmpty()) {
            // The function gets an empty object in place of a missing input.
            data = Json.object();
            violations = checks.violations(work.function(), model, data);
        }
        return failure("invalid_action_input", data, violations, model);
    }

    /** The outcome, or the failure of an action with invalid output. */
    Outcome output(Outcome outcome) {
        if (!wanted
                || work.type() != ScriptType.ACTION
                || work.function().models().isEmpty()
                || !(outcome instanceof Outcome.Succeeded succeeded)) {
            return outcome;
        }
        var model = work.function().models().getFirst();
        var data = Json.parseSaid(succeeded.output());
        return failure("invalid_action_output", data, checks.violations(work.function(), model, data), model)
                .map(Outcome.class::cast)
                .orElse(outcome);
    }

    private static Optional<Outcome.Failed> failure(String type, JsonNode data, ArrayNode violations, String model) {
        return violations.isEmpty()
                ? Optional.empty()
                : Optional.of(Failures.invalid(type, payload(data, violations, model)));
    }

    /** Refuses invalid records before any of the batch is saved. */
    void records(String model, List<byte[]> records) {
        if (!wanted) {
            return;
        }
        for (var text : records) {
            var data = Json.parseSaid(text);
            var violations = checks.violations(work.function(), model, data);
            if (!violations.isEmpty()) {
                throw HostError.sdk(RECORD, Failures.message(RECORD), payload(data, violations, model));
            }
        }
    }

    private static ObjectNode payload(JsonNode data, ArrayNode violations, String model) {
        var payload = Json.object();
        payload.set("data", data);
        payload.set("validation", violations);
        return payload.put("model", model);
    }
}
