package dev.millrace.server.run;

import dev.millrace.server.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * Validates data against the schemas of functions. Connected by the composition root, because the package of schemas is
 * higher.
 */
public interface ModelChecks {
    /**
     * The violations of a function's model.
     *
     * @return a list of {@code {instancePath, schemaPath, keyword, params, message}} in Ajv's format; empty: none
     */
    ArrayNode violations(Function function, String model, JsonNode data);
}
