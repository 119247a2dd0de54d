package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class PayloadReaderTest {
    private final PayloadReader reader = new PayloadReader(ChangePaths.NONE);

    @Test
    void the_hash_follows_the_content_and_not_the_order() {
        var random = new Random(42);
        for (int round = 0; round < 500; round++) {
            var record = object(random, 0).put("id", "x");

            var original = read(record.toString());
            var shuffled = read(shuffled(random, record).toPrettyString());
            record.put("one more", round);

            assertThat(shuffled.hash()).as("%s", record).isEqualTo(original.hash());
            assertThat(read(record.toString()).hash()).isNotEqualTo(original.hash());
        }
    }

    @Test
    void values_that_look_alike_have_different_hashes() {
        var texts = List.of(
                "1",
                "1.0",
                "\"1\"",
                "true",
                "null",
                "[1]",
                "[[1]]",
                "{\"a\":1}",
                "{}",
                "[]",
                "\"\"",
                "\"\\ud800\"",
                "\"\\ud801\"",
                "\"?\"",
                "[1,2]",
                "[12]",
                "{\"a\":{\"b\":1}}",
                "{\"a\":{},\"b\":1}");
        assertThat(texts.stream()
                        .map(v -> java.util.HexFormat.of()
                                .formatHex(
                                        read("{\"id\":\"x\",\"v\":" + v + "}").hash())))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "5, 5",
                "-17, -17",
                "12345678901234567890123, 12345678901234567890123",
                "1.0, 1",
                "1.5, 1.5",
                "1e3, 1000",
                "1e20, 100000000000000000000",
                "1e+21, 1e+21",
                "1e+300, 1e+300"
            })
    void numbers_become_ids_as_javascript_writes_them(String number, String id) {
        assertThat(read("{\"id\":" + number + "}").id()).isEqualTo(id);
    }

    @Test
    void metadata_goes_wherever_it_stands() {
        for (var text : List.of(
                "{\"_nango_metadata\":{\"a\":[1,{}]},\"id\":\"x\",\"y\":1}",
                "{\"id\":\"x\" , \"_nango_metadata\" : \"t\" , \"y\":1}",
                "{\"id\":\"x\",\"y\":1 , \"_nango_metadata\" : 12 }",
                "{\"id\":\"x\",\"y\":1,\"_nango_metadata\":null}")) {
            var json = Json.parse(new String(read(text).json(), UTF_8));
            assertThat(json.toString()).isEqualTo("{\"id\":\"x\",\"y\":1}");
        }
    }

    @Test
    void merging_agrees_with_merging_trees() {
        var random = new Random(11);
        for (int round = 0; round < 500; round++) {
            var base = object(random, 0);
            var over = object(random, 0);

            var merged = Merge.merge(
                    base.toString().getBytes(UTF_8), over.toPrettyString().getBytes(UTF_8));

            assertThat(Json.parse(new String(merged, UTF_8))).isEqualTo(mergedTrees(base, over));
        }
    }

    private static JsonNode mergedTrees(ObjectNode base, ObjectNode over) {
        var merged = base.deepCopy();
        over.properties().forEach(e -> {
            if (merged.get(e.getKey()) instanceof ObjectNode below && e.getValue() instanceof ObjectNode above) {
                merged.set(e.getKey(), mergedTrees(below, above));
            } else {
                merged.set(e.getKey(), e.getValue());
            }
        });
        return merged;
    }

    private static ObjectNode object(Random random, int depth) {
        var object = Json.object();
        for (int i = random.nextInt(8); i >= 0; i--) {
            object.set("k" + (char) ('a' + random.nextInt(12)) + "é", value(random, depth));
        }
        return object;
    }

    private static JsonNode value(Random random, int depth) {
        var holder = Json.array();
        switch (random.nextInt(depth > 3 ? 5 : 7)) {
            case 0 -> holder.add(random.nextInt(5));
            case 1 -> holder.add(random.nextBoolean());
            case 2 -> holder.addNull();
            case 3 -> holder.add("text \u20ac \"" + random.nextInt(3));
            case 4 -> holder.add(new java.math.BigDecimal("1." + random.nextInt(1, 100) + "0"));
            case 5 -> holder.add(Json.array().add(value(random, depth + 1)).add(value(random, depth + 1)));
            default -> holder.add(object(random, depth + 1));
        }
        return holder.get(0);
    }

    private static ObjectNode shuffled(Random random, ObjectNode object) {
        var names = new ArrayList<>(object.propertyNames());
        Collections.shuffle(names, random);
        var shuffled = Json.object();
        for (var name : names) {
            var value = object.get(name);
            shuffled.set(name, value instanceof ObjectNode below ? shuffled(random, below) : value);
        }
        return shuffled;
    }

    private Payload read(String json) {
        return reader.read(0, json.getBytes(UTF_8));
    }
}
