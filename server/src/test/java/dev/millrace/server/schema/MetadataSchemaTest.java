package dev.millrace.server.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class MetadataSchemaTest {
    private static final String SCHEMA = """
            {"type": "object", "startWhenConfigured": true, "additionalProperties": false,
             "required": ["team", "filter", "limit", "plan", "owner"],
             "properties": {
               "team": {"type": "string", "minLength": 1},
               "filter": {"type": "object", "additionalProperties": false, "required": ["tags", "open"],
                 "properties": {"open": {"default": false, "type": "boolean"},
                                "tags": {"type": "array", "minItems": 1, "items": {"type": "string"}}}},
               "limit": {"default": 10, "type": "integer", "maximum": 100},
               "plan": {"type": "string", "enum": ["free", "paid"]},
               "owner": {"anyOf": [{"type": "string", "format": "email",
                                    "pattern": "^[a-z]+@[a-z.]+$"}, {"type": "null"}]},
               "site": {"type": "string", "format": "uri"},
               "mode": {"type": "string", "const": "fast"},
               "ratio": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 5},
               "target": {"anyOf": [{"type": "string"},
                                    {"type": "object", "properties": {"id": {"type": "number"}}, "required": ["id"]}]},
               "map": {"type": "object", "propertyNames": {"type": "string", "pattern": "^[a-z]+$"},
                       "additionalProperties": {"type": "number"}},
               "odd": {"type": "string", "pattern": "\\\\p{Unknown_To_Java}"},
               "tree": {"$ref": "#/definitions/Node"}},
             "definitions": {"Node": {"type": "object", "additionalProperties": false, "required": ["name"],
               "properties": {"name": {"type": "string"}, "child": {"allOf": [{"$ref": "#/definitions/Node"}]}}}}}
            """;
    private static final String GOOD =
            "{\"team\": \"a\", \"filter\": {\"tags\": [\"x\"]}, \"plan\": \"free\", \"owner\": null";

    private final MetadataSchema schema = schema(SCHEMA);

    private static MetadataSchema schema(String definition) {
        return MetadataSchema.of("items", "Shape", document(definition)).orElseThrow();
    }

    private static JsonNode document(String definition) {
        return Json.parse("{\"definitions\": {\"Shape\": " + definition + "}}");
    }

    private List<Problem> problems(String object) {
        return schema.problems(Json.parse(object));
    }

    @Test
    void keys_with_a_default_may_be_missing_and_further_keys_be_there() {
        assertThat(problems(GOOD + ", \"more\": 1, \"odd\": \"x\"}")).isEmpty();
        assertThat(schema.startWhenConfigured()).isTrue();
    }

    @Test
    void metadata_that_was_never_set_lacks_every_key_that_is_asked_for() {
        var problems = problems("null");

        assertThat(problems)
                .extracting(p -> String.join(".", p.path()))
                .containsExactlyInAnyOrder("team", "filter", "plan", "owner");
        assertThat(problems).allMatch(p -> p.function().equals("items"));
        assertThat(problems)
                .contains(new Problem(
                        "items",
                        "invalid_type",
                        "Invalid input: expected string, received undefined",
                        List.of("team")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            "team": "" ; team ; too_small ; Too small: expected string to have >=1 characters
            "team": 5 ; team ; invalid_type ; Invalid input: expected string, received number
            "filter": {"tags": [1]} ; filter.tags.0 ; invalid_type ; Invalid input: expected string, received number
            "filter": {"tags": []} ; filter.tags ; too_small ; Too small: expected array to have >=1 items
            "filter": {} ; filter.tags ; invalid_type ; Invalid input: expected array, received undefined
            "limit": 101 ; limit ; too_big ; Too big: expected number to be <=100
            "limit": 1.5 ; limit ; invalid_type ; Invalid input: expected int, received number
            "plan": "x" ; plan ; invalid_value ; Invalid option: expected one of "free"|"paid"
            "owner": "x" ; owner ; invalid_format ; Invalid string: must match pattern /^[a-z]+@[a-z.]+$/
            "owner": 1 ; owner ; invalid_type ; Invalid input: expected string, received number
            "site": "nowhere" ; site ; invalid_format ; Invalid URL
            "mode": "slow" ; mode ; invalid_value ; Invalid input: expected "fast"
            "ratio": 7 ; ratio ; not_multiple_of ; Invalid number: must be a multiple of 5
            "ratio": 0 ; ratio ; too_small ; Too small: expected number to be >0
            "target": {"id": "x"} ; target ; invalid_union ; Invalid input
            "map": {"A": 1} ; map.A ; invalid_key ; Invalid key in record
            "map": {"a": "x"} ; map.a ; invalid_type ; Invalid input: expected number, received string
            "tree": {"name": "x", "child": {}} ; tree.child.name ; invalid_type ; Invalid input: expected string, received undefined
            """)
    void a_problem_is_told_in_the_words_of_zod(String member, String path, String code, String message) {
        var problems = problems(GOOD + ", " + member + "}");

        assertThat(problems).containsExactly(new Problem("items", code, message, List.of(path.split("\\."))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "limit": 1.0
            "site": "https://example.com/a"
            "target": {"id": 1}
            "target": "x"
            "tree": {"name": "x", "child": {"name": "y", "more": 1}}
            "map": {"a": 1e400}
            """)
    void what_zod_accepts_is_accepted(String member) {
        assertThat(problems(GOOD + ", " + member + "}")).isEmpty();
    }

    @Test
    void a_definition_without_an_objects_shape_declares_nothing() {
        assertThat(MetadataSchema.of("items", "Shape", document("{\"type\": \"null\"}")))
                .isEmpty();
        assertThat(MetadataSchema.of("items", "Other", document("{\"type\": \"object\"}")))
                .isEmpty();
    }

    @Test
    void references_to_the_outside_are_not_followed() {
        var outside = schema("{\"type\": \"object\", \"properties\": {\"a\": {\"$ref\": \"http://127.0.0.1:9/x\"}}}");

        assertThat(outside.problems(Json.parse("{\"a\": 1}"))).isEmpty();
    }
}
