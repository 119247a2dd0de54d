package dev.millrace.server.schema;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import dev.millrace.server.http.Json;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The metadata schema of one function, compiled for validation. Thread-safe. */
final class MetadataSchema {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataSchema.class);

    // References are resolved only within the schema itself, never from URLs or files.
    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_7,
            builder -> builder.schemaCacheEnabled(false)
                    .schemaLoader(loader -> loader.block(_ -> true))
                    .schemaRegistryConfig(SchemaRegistryConfig.builder()
                            .formatAssertionsEnabled(true)
                            .losslessNarrowing(true)
                            .build()));

    private final String function;
    private final boolean startWhenConfigured;
    private final ObjectNode opened;
    private final Optional<Schema> compiled;
    private final Explanations explanations;

    private MetadataSchema(
            String function,
            boolean startWhenConfigured,
            ObjectNode opened,
            Optional<Schema> compiled,
            Explanations explanations) {
        this.function = function;
        this.startWhenConfigured = startWhenConfigured;
        this.opened = opened;
        this.compiled = compiled;
        this.explanations = explanations;
    }

    /**
     * @param document {@code {"definitions": {...}}}; the result is empty when the named definition does not describe
     * an object
     */
    static Optional<MetadataSchema> of(String function, String name, JsonNode document) {
        if (!(document.path("definitions").get(name) instanceof ObjectNode definition)
                || definition.path("type").asString("").equals("null")) {
            return Optional.empty();
        }
        boolean start = definition.path("startWhenConfigured").asBoolean(false);
        var whole = definition.deepCopy();
        whole.remove("startWhenConfigured");
        addReferenced(whole, document.path("definitions"));
        var opened = Rewrites.opened(whole);
        var checkable = Rewrites.checkable(opened);
        return Optional.of(new MetadataSchema(
                function, start, opened, compile(function, checkable), new Explanations(function, checkable)));
    }

    /**
     * References may point into the document or into the definition's own definitions; both are rewritten to the
     * latter.
     */
    private static void addReferenced(ObjectNode schema, JsonNode definitions) {
        if (!Json.text(schema).contains("\"$ref\"")) {
            return;
        }
        var own = schema.path("definitions");
        var all = ((ObjectNode) definitions).deepCopy();
        own.properties().forEach(e -> all.set(e.getKey(), e.getValue()));
        schema.set("definitions", all);
    }

    private static Optional<Schema> compile(String function, ObjectNode schema) {
        try {
            return Optional.of(compile(schema));
        } catch (SchemaException e) {
            LOG.warn("the metadata schema of {} cannot be used and is ignored: {}", function, e.getMessage());
            return Optional.empty();
        }
    }

    /** @throws SchemaException when it is not a valid schema */
    static Schema compile(ObjectNode schema) {
        var compiled = REGISTRY.getSchema(schema);
        compiled.initializeValidators();
        return compiled;
    }

    String function() {
        return function;
    }

    boolean startWhenConfigured() {
        return startWhenConfigured;
    }

    /** The schema for stored metadata: unknown keys are allowed, keys with a default are optional. */
    ObjectNode opened() {
        return opened;
    }

    /** All problems of the object; metadata that was never set counts as an empty object. */
    List<Problem> problems(JsonNode object) {
        if (compiled.isEmpty()) {
            return List.of();
        }
        var checked = object.isNull() || object.isMissingNode() ? Json.object() : object;
        try {
            return explanations.of(compiled.get().validate(checked));
        } catch (SchemaException e) {
            LOG.warn("the metadata schema of {} cannot be used and is ignored: {}", function, e.getMessage());
            return List.of();
        }
    }
}
