package dev.millrace.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** The quick reader against the library. */
class PlainYamlTest {
    @Test
    void the_built_in_definitions_are_read_alike() {
        assertThat(BuiltIns.read()).isNotEmpty();
        for (Map.Entry<String, String> entry : BuiltIns.read().entrySet()) {
            assertThat(PlainYaml.read(entry.getValue())).as(entry.getKey()).contains((ObjectNode)
                    Yaml.MAPPER.readTree(entry.getValue()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: b",
                "a:\n  b: c\n  d: [e, 'f', \"g\", h i]\n",
                "a: {b: c, 'd': [1, -x], e: {f: true}}\n\n# comment\nb: x # comment\n",
                "a:\n- b\n- c\n",
                "a:\n  -\n    b: c\n  - d: e\n    f: g\n  - - h\n    - i\n",
                "a: it''s\nb: 'it''s'\nc: \"tab\\there \\\"x\\\" \\u00e9\"\n",
                "a: first\n  second\n  third\nb: c\n",
                "a: 5xx\nb: 500-503\nc: 429\nd: '429'\ne: v1.2\nf: 12:30x\ng: 2020-01-01\n",
                "a: https://x.example/y?z=1#frag\nb: ${connectionConfig.host} || text\n",
                "a: 'x: y # no comment'\n'b c': d\n",
                "a:\nb: c\n",
                "a: [\n  b,\n  {c: d}\n]\n",
                "{\"a\": {\"b\": [1, \"c\"]},\n \"d\": false}\n",
                "a: -\n",
                "a: -b\n",
                "ä: ö\n",
            })
    void what_is_read_is_read_alike(String text) {
        var quick = PlainYaml.read(text);

        assertThat(quick.isEmpty() && !text.equals("a: -\n")).as("given up").isFalse();
        quick.ifPresent(tree -> assertThat(tree).isEqualTo(Yaml.MAPPER.readTree(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: |\n  text\n",
                "a: &x b\nc: *x\n",
                "a: yes\n",
                "a: 0x1f\n",
                "a: 1.5\n",
                "a: 1_000\n",
                "a: null\n",
                "a: ~\n",
                "a: b\na: c\n",
                "a: {b: 1, b: 2}\n",
                "a: b: c\n",
                "a: [b\n",
                "a: 'b\n",
                "a: \"b\n  c\"\n",
                "a: b\n  c: d\n",
                "a:\n\tb: c\n",
                "  a: b\n c: d\n",
                "? a\n: b\n",
                "a: [${x}]\n",
                "- a\n",
                "text\n",
                "a: !tag b\n",
                "%YAML 1.2\n---\na: b\n",
                "a: first\n\n  second\n",
                "a: 'b' c\n",
                "",
            })
    void all_else_is_left_to_the_library(String text) {
        assertThat(PlainYaml.read(text)).isEmpty();
    }
}
