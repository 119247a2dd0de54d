package dev.millrace.server.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cases of RFC 6902, appendix A, and what surrounds them. */
class JsonPatchTest {
    private static String apply(String document, String patch) {
        return Json.text(JsonPatch.read(Json.parse(patch)).apply(Json.parse(document)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"foo":"bar"} | [{"op":"add","path":"/baz","value":"qux"}] | {"foo":"bar","baz":"qux"}
                    {"foo":["bar","baz"]} | [{"op":"add","path":"/foo/1","value":"qux"}] | {"foo":["bar","qux","baz"]}
                    {"baz":"qux","foo":"bar"} | [{"op":"remove","path":"/baz"}] | {"foo":"bar"}
                    {"foo":["bar","qux","baz"]} | [{"op":"remove","path":"/foo/1"}] | {"foo":["bar","baz"]}
                    {"baz":"qux","foo":"bar"} | [{"op":"replace","path":"/baz","value":"boo"}] | {"baz":"boo","foo":"bar"}
                    {"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}} | [{"op":"move","from":"/foo/waldo","path":"/qux/thud"}] | {"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}
                    {"foo":["all","grass","cows","eat"]} | [{"op":"move","from":"/foo/1","path":"/foo/3"}] | {"foo":["all","cows","eat","grass"]}
                    {"baz":"qux","foo":["a",2,"c"]} | [{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}] | {"baz":"qux","foo":["a",2,"c"]}
                    {"foo":"bar"} | [{"op":"add","path":"/child","value":{"grandchild":{}}}] | {"foo":"bar","child":{"grandchild":{}}}
                    {"foo":"bar"} | [{"op":"add","path":"/baz","value":"qux","xyz":123}] | {"foo":"bar","baz":"qux"}
                    {"/":9,"~1":10} | [{"op":"test","path":"/~01","value":10}] | {"/":9,"~1":10}
                    {"foo":["bar"]} | [{"op":"add","path":"/foo/-","value":["abc","def"]}] | {"foo":["bar",["abc","def"]]}
                    {"foo":1} | [{"op":"test","path":"/foo","value":1.0}] | {"foo":1}
                    {"foo":1} | [{"op":"copy","from":"/foo","path":"/bar"}] | {"foo":1,"bar":1}
                    {"foo":1} | [{"op":"add","path":"","value":{"bar":2}}] | {"bar":2}
                    {"foo":null} | [{"op":"test","path":"/foo","value":null}] | {"foo":null}
                    """)
    void the_published_cases(String document, String patch, String result) {
        assertThat(apply(document, patch)).isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"baz":"qux"} | [{"op":"test","path":"/baz","value":"bar"}] | metadata_test_failed
                    {"/":9,"~1":10} | [{"op":"test","path":"/~01","value":"10"}] | metadata_test_failed
                    {"foo":"bar"} | [{"op":"add","path":"/baz/bat","value":"qux"}] | metadata_path_not_found
                    {"foo":[1]} | [{"op":"add","path":"/foo/2","value":2}] | metadata_path_not_found
                    {"foo":[1]} | [{"op":"remove","path":"/foo/01"}] | metadata_path_not_found
                    {"foo":1} | [{"op":"replace","path":"/bar","value":2}] | metadata_path_not_found
                    """)
    void what_does_not_fit_the_document(String document, String patch, String code) {
        assertThatThrownBy(() -> apply(document, patch)).isInstanceOfSatisfying(Failure.Plain.class, failure -> {
            assertThat(failure.status()).isEqualTo(409);
            assertThat(failure.code()).isEqualTo(code);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    [{"op":"increment","path":"/a","value":1}]
                    [{"op":"add","path":"/a"}]
                    [{"op":"add","path":"a","value":1}]
                    [{"op":"add","path":"/~2","value":1}]
                    [{"op":"move","from":"/a","path":"/a/b"}]
                    [{"op":"remove"}]
                    ["remove"]
                    {"op":"remove","path":"/a"}
                    """)
    void what_is_no_patch(String patch) {
        assertThatThrownBy(() -> JsonPatch.read(Json.parse(patch))).isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void copies_do_not_change_with_their_origin() {
        assertThat(apply("{\"a\":{}}", """
                        [{"op":"copy","from":"/a","path":"/b"},{"op":"add","path":"/a/x","value":1}]""")).isEqualTo("{\"a\":{\"x\":1},\"b\":{}}");
    }

    @Test
    void a_difference_is_a_patch_that_leads_from_one_to_the_other() {
        var before = Json.parseObject("{\"a\":1,\"b\":{\"x\":1.10,\"y~/\":[1]},\"c\":true}");
        var after = Json.parseObject("{\"b\":{\"x\":1.1,\"y~/\":[2]},\"d\":null,\"a\":1}");

        var patch = Diff.between(before, after);

        assertThat(Numbers.same(JsonPatch.read(patch).apply(before.deepCopy()), after))
                .as(Json.text(patch))
                .isTrue();
    }
}
