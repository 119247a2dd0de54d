package dev.millrace.server.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is wrong with data, beside what Ajv 8 said of the same data: {@code schema/ajv.json} has its very words. */
class ModelSchemasTest {
    @TestFactory
    Stream<DynamicTest> violations_are_those_that_ajv_finds() throws IOException {
        JsonNode cases;
        try (var in = ModelSchemasTest.class.getResourceAsStream("/schema/ajv.json")) {
            cases = Json.parse(in.readAllBytes());
        }
        return cases.valueStream()
                .map(c -> DynamicTest.dynamicTest(c.path("name").asString(), () -> check(c)));
    }

    private static void check(JsonNode c) {
        var definitions = Json.object();
        definitions.set("Model", c.path("schema"));
        definitions.set("Other", Json.parse("""
                {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"],
                 "additionalProperties": false}
                """));

        var found = ModelSchemas.judge(
                ModelSchemas.compile("fn", "Model", (ObjectNode) c.path("schema"), definitions), c.path("data"));

        assertThat(sorted(found)).isEqualTo(sorted(c.path("violations")));
    }

    /** Ajv looks at keywords in an order of its own. */
    private static List<JsonNode> sorted(JsonNode violations) {
        return violations
                .valueStream()
                .sorted(Comparator.comparing(JsonNode::toString))
                .toList();
    }
}
