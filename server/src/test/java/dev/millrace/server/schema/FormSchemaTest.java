package dev.millrace.server.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormSchemaTest {
    private static MetadataSchema schema(String function, String definition) {
        return MetadataSchema.of(function, "M", Json.parse("{\"definitions\": {\"M\": " + definition + "}}"))
                .orElseThrow();
    }

    @Test
    void the_keys_of_all_functions_are_united_and_tell_who_asks_for_them() {
        var issues = schema("issues", """
                {"type": "object", "additionalProperties": false, "required": ["team", "limit", "filter"], "properties": {
                  "team": {"type": "string", "description": "Your team"},
                  "limit": {"default": 10, "type": "integer"},
                  "filter": {"type": "object", "additionalProperties": false, "properties": {"open": {"type": "boolean"}}}}}
                """);
        var users = schema("users", """
                {"type": "object", "required": ["team", "filter"], "properties": {
                  "team": {"type": "string", "description": "Your team"},
                  "filter": {"type": "object", "additionalProperties": false, "properties": {"role": {"type": "string"}}}}}
                """);

        var form = FormSchema.of(List.of(issues, users));

        assertThat(form).isEqualTo(Json.parse("""
                {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {
                  "team": {"type": "string", "description": "Your team", "x-functions": ["issues", "users"]},
                  "limit": {"default": 10, "type": "integer", "x-functions": ["issues"]},
                  "filter": {"allOf": [
                      {"type": "object", "properties": {"open": {"type": "boolean"}}},
                      {"type": "object", "properties": {"role": {"type": "string"}}}],
                    "x-functions": ["issues", "users"]}},
                 "required": ["team", "filter"]}
                """));
        assertThat(form.path("properties").propertyNames()).containsExactly("team", "limit", "filter");
    }

    @Test
    void definitions_of_different_functions_do_not_get_mixed_up() {
        var one = schema("one", """
                {"type": "object", "properties": {"a": {"$ref": "#/definitions/N"}},
                 "definitions": {"N": {"type": "string"}}}
                """);
        var two = schema("two", """
                {"type": "object", "properties": {"b": {"$ref": "#/definitions/N"}, "self": {"$ref": "#"}},
                 "definitions": {"N": {"type": "number"}}}
                """);

        var form = FormSchema.of(List.of(one, two));

        assertThat(form.at("/definitions/one.N/type").stringValue()).isEqualTo("string");
        assertThat(form.at("/definitions/two.N/type").stringValue()).isEqualTo("number");
        assertThat(form.at("/properties/a/allOf/0/$ref").stringValue()).isEqualTo("#/definitions/one.N");
        assertThat(form.at("/properties/self/allOf/0/$ref").stringValue()).isEqualTo("#/definitions/two");
        assertThat(form.at("/definitions/two/properties/b/$ref").stringValue()).isEqualTo("#/definitions/two.N");
    }
}
