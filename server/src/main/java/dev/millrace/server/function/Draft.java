package dev.millrace.server.function;

import dev.millrace.server.http.Json;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A function of a deploy: validated, not yet stored. */
record Draft(
        Function.Key key,
        Optional<String> version,
        String js,
        String ts,
        Optional<String> description,
        List<String> scopes,
        Optional<String> runs,
        boolean autoStart,
        boolean trackDeletes,
        Optional<String> syncType,
        List<String> models,
        Optional<String> input,
        JsonNode endpoints,
        List<String> webhookSubscriptions,
        Optional<JsonNode> jsonSchema,
        List<String> features,
        Optional<JsonNode> bundle) {

    /** Identifies its code, compiled and source: SHA-256, hex. */
    String codeHash() {
        return CodeHash.of(js, ts);
    }

    /** Whether a stored version is identical, apart from its version text and its origin. */
    boolean isStoredAs(Function stored) {
        return stored.key().equals(key)
                && stored.codeHash().equals(codeHash())
                && stored.description().equals(description)
                && stored.scopes().equals(scopes)
                && stored.runs().equals(runs)
                && stored.autoStart() == autoStart
                && stored.trackDeletes() == trackDeletes
                && stored.syncType().equals(syncType)
                && stored.models().equals(models)
                && stored.input().equals(input)
                && Json.parse(stored.endpoints()).equals(endpoints)
                && stored.webhookSubscriptions().equals(webhookSubscriptions)
                && stored.jsonSchema().map(Json::parse).equals(jsonSchema)
                && stored.features().equals(features)
                && stored.bundle().map(Json::parse).equals(bundle);
    }
}
