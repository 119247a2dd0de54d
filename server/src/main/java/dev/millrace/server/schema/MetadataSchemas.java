package dev.millrace.server.schema;

import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/** The door of the room: what shape of metadata functions declare, and whether an object has it. Thread-safe. */
public final class MetadataSchemas {
    private static final int MOST_COMPILED = 2_000;

    private final Functions functions;
    // By the function's id: a deploy makes a new one, so what is compiled never changes.
    private final Map<Long, Optional<MetadataSchema>> compiled = new ConcurrentHashMap<>();

    public MetadataSchemas(Functions functions) {
        this.functions = functions;
    }

    /** Those of an integration's syncs that declare one. */
    List<MetadataSchema> ofIntegration(long integration) {
        var schemas = new ArrayList<MetadataSchema>();
        for (var function : functions.ofIntegration(integration)) {
            if (function.enabled()) {
                of(function).ifPresent(schemas::add);
            }
        }
        return schemas;
    }

    private Optional<MetadataSchema> of(Function function) {
        if (function.kind() != Kind.SYNC || function.input().isEmpty()) {
            return Optional.empty();
        }
        var known = compiled.get(function.id());
        if (known == null) {
            known = MetadataSchema.of(
                    function.name(),
                    function.input().get(),
                    Json.parseObject(function.jsonSchema().orElse(null)));
            if (compiled.size() >= MOST_COMPILED) {
                compiled.clear();
            }
            compiled.put(function.id(), known);
        }
        return known;
    }

    /** Every reason why the object, or null when there is none, is not what the integration's functions ask for. */
    public List<Problem> problems(long integration, JsonNode object) {
        var problems = new ArrayList<Problem>();
        ofIntegration(integration).forEach(schema -> problems.addAll(schema.problems(object)));
        return problems;
    }

    /** The same for one function. */
    public List<Problem> problems(Function function, JsonNode object) {
        return of(function).map(schema -> schema.problems(object)).orElse(List.of());
    }

    /** Whether a sync that does not start by itself wants to be started once its metadata is complete. */
    public boolean startsWhenConfigured(Function function) {
        return !function.autoStart()
                && of(function).filter(MetadataSchema::startWhenConfigured).isPresent();
    }
}
