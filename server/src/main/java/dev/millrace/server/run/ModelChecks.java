package dev.millrace.server.run;

import dev.millrace.server.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Compares data with the schemas of functions; connected by the composition root, since schemas lie above. */
public interface ModelChecks {
    /**
     * What is wrong with data that should be of a function's model.
     *
     * @return a list of {@code {instancePath, schemaPath, keyword, params, message}} as Ajv makes it; empty: nothing
     */
    ArrayNode violations(Function function, String model, JsonNode data);
}
