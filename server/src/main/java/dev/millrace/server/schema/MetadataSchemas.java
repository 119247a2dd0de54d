package dev.millrace.server.schema;

import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.http.Json;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/**
 * Entry point for metadata schemas: which schemas functions declare, and whether an object satisfies them. Thread-safe.
 */
public final class MetadataSchemas {
    private static final int MOST_COMPILED = 2_000;

    // After this time other processes of a cluster use the schemas of a deploy.
    private static final Duration REMEMBERED = Duration.ofSeconds(2);

    private record Known(MetadataSchema schema, boolean autoStart) {}

    private record Recent(List<MetadataSchema> schemas, boolean anySyncs, Instant until) {}

    private final Functions functions;
    private final Clock clock;
    private final Map<Long, Recent> recent = new ConcurrentHashMap<>();
    // By the function's id: a deploy creates a new id, so a compiled schema never changes.
    private final Map<Long, Optional<Known>> compiled = new ConcurrentHashMap<>();

    public MetadataSchemas(Functions functions, Clock clock) {
        this.functions = functions;
        this.clock = clock;
    }

    /** The current schemas of an integration's syncs. */
    List<MetadataSchema> ofIntegration(long integration) {
        return declared(functions.ofIntegration(integration));
    }

    /** What the integration's functions expect of metadata, field by field. */
    public List<MetadataField> fields(long integration) {
        return FieldList.of(ofIntegration(integration));
    }

    /** All problems of the object (null when there is none) for the integration's functions as they are now. */
    public List<Problem> problems(long integration, JsonNode object) {
        return ofIntegration(integration).stream()
                .flatMap(schema -> schema.problems(object).stream())
                .toList();
    }

    private List<MetadataSchema> declared(List<Function> all) {
        var schemas = new ArrayList<MetadataSchema>();
        for (var function : all) {
            if (function.enabled()) {
                of(function).ifPresent(schemas::add);
            }
        }
        return List.copyOf(schemas);
    }

    private Recent recent(Handle handle, long integration) {
        var now = clock.instant();
        var known = recent.get(integration);
        if (known == null || !now.isBefore(known.until())) {
            var all = functions.ofIntegration(handle, integration);
            boolean anySyncs = all.stream().anyMatch(f -> f.kind() == Kind.SYNC);
            known = new Recent(declared(all), anySyncs, now.plus(REMEMBERED));
            if (recent.size() >= MOST_COMPILED) {
                recent.clear();
            }
            recent.put(integration, known);
        }
        return known;
    }

    /** Called after a deploy. */
    public void forget() {
        recent.clear();
    }

    /** Whether the integration has syncs; at most two seconds old. */
    public boolean anySyncs(Handle handle, long integration) {
        return recent(handle, integration).anySyncs();
    }

    private Optional<MetadataSchema> of(Function function) {
        var known = compiled.get(function.id());
        if (known == null) {
            known = compile(function);
            if (compiled.size() >= MOST_COMPILED) {
                compiled.clear();
            }
            compiled.put(function.id(), known);
        }
        return known.map(Known::schema);
    }

    private static Optional<Known> compile(Function function) {
        if (function.kind() != Kind.SYNC || function.input().isEmpty()) {
            return Optional.empty();
        }
        var document = Json.parseObject(function.jsonSchema().orElse(null));
        return MetadataSchema.of(function.name(), function.input().get(), document)
                .map(schema -> new Known(schema, function.autoStart()));
    }

    private Optional<Known> of(Handle handle, long function) {
        var known = compiled.get(function);
        if (known == null) {
            functions.find(handle, function).ifPresent(this::of);
            known = compiled.get(function);
        }
        return known == null ? Optional.empty() : known;
    }

    /** All problems of the object (null when there is none) for the integration's functions. */
    public List<Problem> problemsOfAll(Handle handle, long integration, JsonNode object) {
        var problems = new ArrayList<Problem>();
        recent(handle, integration).schemas().forEach(schema -> problems.addAll(schema.problems(object)));
        return problems;
    }

    /** The same for one function. */
    public List<Problem> problems(Function function, JsonNode object) {
        return of(function).map(schema -> schema.problems(object)).orElse(List.of());
    }

    /** The same for a function with an id, within a transaction. */
    public List<Problem> problems(Handle handle, long function, JsonNode object) {
        return of(handle, function)
                .map(known -> known.schema().problems(object))
                .orElse(List.of());
    }

    /** Whether {@link #startsWhenConfigured(Function)} is true of the function with an id. */
    public boolean startsWhenConfigured(Handle handle, long function) {
        return of(handle, function)
                .filter(known -> !known.autoStart() && known.schema().startWhenConfigured())
                .isPresent();
    }

    /** Whether a sync that does not start automatically is to start once its metadata is complete. */
    public boolean startsWhenConfigured(Function function) {
        return !function.autoStart()
                && of(function).filter(MetadataSchema::startWhenConfigured).isPresent();
    }
}
