package dev.millrace.server.schema;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import dev.millrace.server.function.Function;
import dev.millrace.server.http.Json;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Validates data against the models that functions declare: the input and output of actions, the records of syncs.
 * Unlike metadata they are validated strictly, like in the official CLI's dry run. Thread-safe.
 */
public final class ModelSchemas {
    private static final Logger LOG = LoggerFactory.getLogger(ModelSchemas.class);
    private static final int MOST_COMPILED = 2_000;

    /** A deploy creates a new id, so a compiled schema never changes. */
    private record Model(long function, String name) {}

    sealed interface Compiled {
        /** No schema: accepts everything. */
        record Anything() implements Compiled {}

        record Checked(Schema schema, ObjectNode root) implements Compiled {}

        record Missing(String name) implements Compiled {}

        /** An invalid schema: accepts everything. */
        record Unusable(String why) implements Compiled {}
    }

    private final Map<Model, Compiled> compiled = new ConcurrentHashMap<>();

    /**
     * The violations of a function's model, in Ajv's format; empty: none. A function without schemas accepts
     * everything. A function whose schemas lack the model accepts nothing.
     */
    public ArrayNode violations(Function function, String model, JsonNode data) {
        return judge(compiled(function, model), data);
    }

    /** Why nothing can be validated against a function's model; empty: it can. */
    public Optional<String> fault(Function function, String model) {
        return switch (compiled(function, model)) {
            case Compiled.Anything _, Compiled.Checked _ -> Optional.empty();
            case Compiled.Missing(var name) -> Optional.of("The schema " + name + " does not exist");
            case Compiled.Unusable(var why) -> Optional.of(why);
        };
    }

    static ArrayNode judge(Compiled model, JsonNode data) {
        return switch (model) {
            case Compiled.Anything _, Compiled.Unusable _ -> Json.array();
            case Compiled.Missing missing -> missing(missing.name());
            case Compiled.Checked checked -> AjvErrors.of(checked.schema().validate(data), checked.root());
        };
    }

    private Compiled compiled(Function function, String name) {
        var model = new Model(function.id(), name);
        var known = compiled.get(model);
        if (known == null) {
            known = compile(function, name);
            if (compiled.size() >= MOST_COMPILED) {
                compiled.clear();
            }
            compiled.put(model, known);
        }
        return known;
    }

    private static Compiled compile(Function function, String name) {
        if (function.jsonSchema().isEmpty()) {
            return new Compiled.Anything();
        }
        var document = Json.parseObject(function.jsonSchema().get());
        return document.path("definitions").get(name) instanceof ObjectNode model
                ? compile(function.name(), name, model, document.path("definitions"))
                : new Compiled.Missing(name);
    }

    /** The model is the root, and all definitions can be referenced. */
    static Compiled compile(String function, String name, ObjectNode model, JsonNode definitions) {
        var root = model.deepCopy();
        root.set("definitions", definitions);
        Subschemas.visit(root, Rewrites::withoutForeignPattern);
        try {
            return new Compiled.Checked(MetadataSchema.compile(root), root);
        } catch (SchemaException e) {
            LOG.warn("the schema of {} in {} cannot be used and is ignored: {}", name, function, e.getMessage());
            return new Compiled.Unusable(String.valueOf(e.getMessage()));
        }
    }

    private static ArrayNode missing(String model) {
        var errors = Json.array();
        var only = errors.addObject()
                .put("instancePath", "")
                .put("schemaPath", "#")
                .put("keyword", "model");
        only.putObject("params").put("model", model);
        only.put("message", "model_not_found_" + model);
        return errors;
    }
}
