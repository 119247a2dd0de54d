package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.JsonShape;
import dev.millrace.server.testkit.RawClient;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract's cases are worth what their matching is worth. */
class JsonShapeTest {
    private static Optional<String> difference(String expected, String actual) {
        return JsonShape.difference(RawClient.JSON.readTree(expected), RawClient.JSON.readTree(actual));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"a":1,"b":[true,null]}         | {"b":[true,null],"a":1.0}
                    {"a":1,"@more":true}            | {"a":1,"b":2}
                    {"a":"@optional:string"}        | {}
                    {"a":"@absent","b":"@any"}      | {}
                    ["@each",{"id":"@string"},2]    | [{"id":"1"},{"id":"2"}]
                    ["@each","@iso"]                | ["2026-11-23T09:08:20.761Z","2026-11-23T09:08:20+00:00"]
                    "@uuid"                         | "626f9657-69b7-41ba-ab87-3ae9236d9524"
                    """)
    void fits(String expected, String actual) {
        assertThat(difference(expected, actual)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"a":{"b":1}}                   | {"a":{"b":2}}            | $.a.b: expected 1, got 2
                    {"a":1}                         | {"a":1,"b":2}            | $.b: expected nothing, got 2
                    {"a":null}                      | {}                       | $.a: expected null, got nothing
                    {"a":"1"}                       | {"a":1}                  | $.a: expected "1", got 1
                    {"a":"@absent"}                 | {"a":null}               | $.a: expected nothing, got null
                    {"a":"@optional:string"}        | {"a":1}                  | $.a: expected @optional:string, got 1
                    {"a":"@string"}                 | {}                       | $.a: expected @string, got nothing
                    [1]                             | [1,2]                    | $[1]: expected nothing, got 2
                    [1,2]                           | [1]                      | $[1]: expected 2, got nothing
                    ["@each",1]                     | [1,2]                    | $[1]: expected 1, got 2
                    ["@each",1,2]                   | [1]                      | $: expected 2 elements, got 1
                    """)
    void differs(String expected, String actual, String message) {
        assertThat(difference(expected, actual)).contains(message);
    }

    @Test
    void no_body_differs_from_any_expectation_but_any() {
        assertThat(JsonShape.difference(RawClient.JSON.readTree("{}"), null)).isPresent();
        assertThat(JsonShape.difference(RawClient.JSON.readTree("\"@any\""), null))
                .isEmpty();
    }
}
