package dev.millrace.server.function;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** One function as a deploy brings it: already checked, not yet stored. */
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
        List<String> features) {}
