package dev.millrace.server.function;

import dev.millrace.server.http.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A version of a function, usually the active one.
 *
 * @param event of an on-event function, else empty
 * @param runs how often a sync runs, as deployed
 * @param models record models of a sync, output model of an action
 * @param input model of the metadata of a sync, of the input of an action
 * @param endpoints JSON text of an array
 * @param jsonSchema JSON text {@code {"definitions": {...}}}
 * @param bundle of a bundle function: JSON text of its trigger, requirements, capabilities, limits and references
 * @param deployedAt when it was last activated
 */
public record Function(
        long id,
        long environmentId,
        long integrationId,
        String integration,
        Kind kind,
        String name,
        String event,
        String version,
        boolean enabled,
        String source,
        Optional<String> sdkVersion,
        Optional<String> description,
        List<String> scopes,
        Optional<String> runs,
        boolean autoStart,
        boolean trackDeletes,
        Optional<String> syncType,
        List<String> models,
        Optional<String> input,
        String endpoints,
        List<String> webhookSubscriptions,
        Optional<String> jsonSchema,
        List<String> features,
        Optional<String> bundle,
        String codeHash,
        Instant deployedAt) {
    public Function {
        scopes = List.copyOf(scopes);
        models = List.copyOf(models);
        webhookSubscriptions = List.copyOf(webhookSubscriptions);
        features = List.copyOf(features);
    }

    /** The part that is the same in all versions. */
    public record Key(String integration, Kind kind, String name, String event) {}

    /** The JSON schema of one of its models; empty when the deploy had none. */
    public JsonNode schemaOf(String model) {
        return Json.parseObject(jsonSchema.orElse(null)).path("definitions").path(model);
    }

    public Key key() {
        return new Key(integration, kind, name, event);
    }
}
