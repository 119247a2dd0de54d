package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.metadata.RandomJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a function saves is read back byte for byte, or the whole slice is refused with a reason. */
class ExactPayloadTest {
    private static final String METADATA = ",\"_nango_metadata\":{";
    private static final int MEGABYTE = 1024 * 1024;

    private static final Shelf shelf = new Shelf();

    @AfterEach
    void the_counters_tell_the_truth() {
        assertThat(shelf.counters()).isEqualTo(shelf.counted());
        shelf.records.delete(shelf.items);
    }

    @AfterAll
    static void close() {
        shelf.close();
    }

    @Test
    void random_records_come_back_digit_for_digit() {
        var random = new Random(4);
        var json = new RandomJson(random);
        var slice = new ArrayList<String>();
        for (int i = 0; i < 1_000; i++) {
            var members = json.object();
            var id = "{\"id\":\"r" + i + "\"";
            slice.add(members.equals("{}") ? id + "}" : id + "," + members.substring(1));
        }

        shelf.save(1, slice.toArray(String[]::new));

        assertThat(read()).containsExactlyElementsOf(slice);
        assertThat(shelf.save(2, slice.toArray(String[]::new)).unchanged()).isEqualTo(1_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"a\\u0000b\"",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"",
                "\"\\uD83D\\uDE00 \uD83D\uDE00 \\/ / \\u00e9 é\"",
                "{\"\\uD83D\\uDE00\":1,\"\\u0000\":2,\"\":3}",
                "{\"same\":1,\"same\":2,\"same\":1}",
                "1e400",
                "-1E-400",
                "-0",
                "-0.0",
                "0.10",
                "1E+2",
                "9007199254740993",
                "[ 1 ,\t{ } , [ ] ]",
                "{\"id\":{\"id\":7},\"_nango_metadata\":{\"cursor\":1}}",
                "[{\"id\":\"\",\"_nango_metadata\":null}]",
                "\"\u2028\u2029\uFEFF\uFFFF\u007F\""
            })
    void unusual_values_come_back_as_they_came(String value) {
        var text = "{\"v\":" + value + ",\"id\":\"a\"}";

        shelf.save(1, text);

        assertThat(read()).containsExactly(text);
        assertThat(shelf.save(2, text).unchanged()).isEqualTo(1);
    }

    @Test
    void numbers_may_have_thousands_of_digits() {
        for (var number : List.of("9".repeat(400), "1." + "3".repeat(9_000), "-" + "1".repeat(9_999))) {
            var text = "{\"id\":\"n" + number.length() + "\",\"v\":" + number + "}";

            shelf.save(1, text);

            assertThat(read()).contains(text);
        }
        refused("{\"id\":\"x\",\"v\":" + "1".repeat(10_001) + "}", "Number value length", "10000");
    }

    @Test
    void nesting_has_a_limit_that_is_told() {
        var deep = "{\"id\":\"deep\",\"v\":" + "[".repeat(999) + "]".repeat(999) + "}";
        var objects = "{\"id\":\"objects\",\"v\":" + "{\"a\":".repeat(998) + "{}" + "}".repeat(998) + "}";

        shelf.save(1, deep, objects);

        assertThat(read()).containsExactly(deep, objects);
        assertThat(update("{\"id\":\"objects\",\"v\":" + "{\"a\":".repeat(998) + "{\"b\":1}" + "}".repeat(998) + "}"))
                .isEqualTo(new Saved(0, 1, 0, 0, List.of()));
        for (int levels : List.of(1_001, 100_000)) {
            refused("{\"id\":\"x\",\"v\":" + "[".repeat(levels) + "]".repeat(levels) + "}", "nesting", "1000");
            refused("{\"id\":\"x\",\"v\":" + "{\"a\":".repeat(levels) + "1" + "}".repeat(levels) + "}", "nesting");
            refused("{\"_nango_metadata\":" + "[".repeat(levels) + "]".repeat(levels) + ",\"id\":\"x\"}", "nesting");
        }
    }

    @Test
    void large_records_come_back_whole() {
        var large = new ArrayList<String>();
        for (int i = 0; i < 4; i++) {
            var pad = ("" + (char) ('a' + i)).repeat(10 * MEGABYTE);
            large.add("{\"id\":\"l" + i + "\",\"pad\":\"" + pad + "\"}");
        }

        shelf.save(1, large.getFirst());
        shelf.save(2, large.toArray(String[]::new));

        for (int i = 0; i < large.size(); i++) {
            var one = new String(shelf.records.get(shelf.items, List.of("l" + i)), UTF_8);
            assertThat(withoutMetadata(one).equals(large.get(i))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9007199254740993",
                "-7",
                "-0.5",
                "12345678901234567890123456789012345678901234567890",
                "1e400",
                "1E-400",
                "1e-7"
            })
    void numbers_are_ids_without_losing_digits(String number) {
        shelf.save(1, "{\"v\":1,\"id\":" + number + "}");

        assertThat(read()).containsExactly("{\"v\":1,\"id\":\"" + number + "\"}");
        assertThat(shelf.save(2, "{\"v\":1,\"id\":\"" + number + "\"}").unchanged())
                .isEqualTo(1);
    }

    @Test
    void ids_are_measured_in_utf_16_as_javascript_does() {
        var accepted =
                List.of("x".repeat(255), "é".repeat(255), "\u4e2d".repeat(255), "\uD83D\uDE00".repeat(127) + "x");
        for (var id : accepted) {
            var text = "{\"id\":\"" + id + "\"}";
            shelf.save(1, text);
            assertThat(new String(shelf.records.get(shelf.items, List.of(id)), UTF_8))
                    .startsWith("[" + open(text));
        }
        assertThat(read()).hasSize(accepted.size());
        for (var id : List.of("x".repeat(256), "\u4e2d".repeat(256), "\uD83D\uDE00".repeat(128), "1".repeat(256))) {
            refused("{\"id\":\"" + id + "\"}", "256 characters", "at most 255");
        }
        refused("{\"id\":" + "1".repeat(256) + "}", "256 characters", "at most 255");
    }

    @Test
    void nul_characters_leave_ids_and_nothing_else() {
        var saved = shelf.save(1, "{\"id\":\"\\u0000a\\u0000\",\"v\":\"\\u0000\"}", "{\"id\":\"a\"}");

        assertThat(saved).isEqualTo(new Saved(1, 0, 0, 0, List.of("a")));
        assertThat(read()).containsExactly("{\"id\":\"a\",\"v\":\"\\u0000\"}");
        refused("{\"id\":\"\\u0000\"}", "empty id");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "false",
                "{}",
                "[]",
                "null",
                "\"\"",
                "0",
                "-0",
                "0.0e5",
                "0e99999999999",
                "1e99999999999",
                "100e2147483647",
                "1e-99999999999",
                "\"\\ud800\"",
                "\"a\\udc00\""
            })
    void what_can_be_no_id_is_refused(String id) {
        refused("{\"v\":1,\"id\":" + id + "}", "id");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7",
                "\"text\"",
                "null",
                "[]",
                "[{\"id\":\"x\"}]",
                "\uFEFF{\"id\":\"x\"}",
                "{\"id\":\"x\"}\uFEFF",
                "{\"id\":\"x\"}{\"id\":\"y\"}",
                "{\"id\":\"x\"},{}",
                "{\"id\":\"x\"}]}",
                "{\"id\":\"x\"",
                "{\"id\":\"x\",}",
                "{\"id\":\"x\",\"\\ud800\":1}",
                "{\"id\":\"x\",\"v\":{\"\\udc00\":1}}",
                "{\"id\":\"x\",\"v\":NaN}",
                "{\"id\":\"x\",\"v\":01}",
                "{\"id\":\"x\",\"v\":+1}",
                "{\"id\":\"x\",\"v\":.5}",
                "{\"id\":\"x\",\"v\":'a'}",
                "{\"id\":\"x\",\"v\":\"\n\"}",
                "{\"id\":\"x\" /* no */}",
                "{id:\"x\"}"
            })
    void what_is_no_json_object_is_refused(String text) {
        refused(text, "index 1");
    }

    @Test
    void what_is_not_utf_8_is_refused() {
        for (var bytes : List.of(
                bytes(0xFF), // never
                bytes(0xC3), // cut off
                bytes(0x80), // a rest without a start
                bytes(0xC0, 0x80), // longer than needed
                bytes(0xE0, 0x80, 0xAF),
                bytes(0xF0, 0x80, 0x80, 0xAF),
                bytes(0xED, 0xA0, 0x80), // half a pair
                bytes(0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80), // both halves
                bytes(0xF4, 0x90, 0x80, 0x80), // beyond the last character
                bytes(0xF5, 0x80, 0x80, 0x80))) {
            refused(around("{\"id\":\"x\",\"v\":\"", bytes, "\"}"), "UTF-8");
            refused(around("{\"id\":\"x\",\"", bytes, "\":1}"), "UTF-8");
            refused(around("{\"id\":\"", bytes, "\"}"), "UTF-8");
        }
    }

    @Test
    void an_empty_slice_changes_nothing() {
        shelf.save(1, "{\"id\":\"a\"}");
        var before = shelf.all();

        assertThat(shelf.save(2)).isEqualTo(new Saved(0, 0, 0, 0, List.of()));
        assertThat(update()).isEqualTo(new Saved(0, 0, 0, 0, List.of()));
        assertThat(shelf.records.delete(shelf.items, Writer.of(2), List.of()))
                .isEqualTo(new Saved(0, 0, 0, 0, List.of()));

        assertThat(shelf.all()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1e400", "99999999999999999999", "9223372036854775807", "\"+999999999-01-01T00:00:00Z\"", "{}"})
    void a_time_of_deletion_that_is_none_is_now(String time) {
        shelf.save(1, "{\"id\":\"a\"}");

        shelf.records.delete(shelf.items, Writer.of(2), Shelf.texts("{\"id\":\"a\",\"deletedAt\":" + time + "}"));

        var meta = shelf.one("a").get(Shelf.META);
        assertThat(meta.get("deleted_at")).isEqualTo(meta.get("last_modified_at"));
    }

    private Saved update(String... json) {
        return shelf.records.update(shelf.items, Writer.of(3), Shelf.texts(json));
    }

    private void refused(String text, String... reasons) {
        refused(text.getBytes(UTF_8), reasons);
    }

    /** By every verb, with the record's place and these reasons; nothing of the slice is stored. */
    private void refused(byte[] text, String... reasons) {
        var before = read();
        var slice = List.of("{\"id\":\"good\"}".getBytes(UTF_8), text, "{\"id\":\"good too\"}".getBytes(UTF_8));
        for (var verb : List.<Verb>of(shelf.records::save, shelf.records::update, shelf.records::delete)) {
            assertThatThrownBy(() -> verb.on(shelf.items, Writer.of(1), slice))
                    .as(() -> new String(text, 0, Math.min(text.length, 80), UTF_8))
                    .isInstanceOf(RecordsRefused.class)
                    .hasMessageContaining("at index 1 ")
                    .hasMessageContainingAll(reasons);
        }
        assertThat(read()).isEqualTo(before);
    }

    private interface Verb {
        Saved on(Dataset dataset, Writer writer, List<byte[]> records);
    }

    private static byte[] bytes(int... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] around(String before, byte[] middle, String after) {
        return new Bytes(100)
                .put(before.getBytes(UTF_8))
                .put(middle)
                .put(after.getBytes(UTF_8))
                .toArray();
    }

    private static String open(String object) {
        return object.substring(0, object.length() - 1);
    }

    /** The texts as they are read, one by one so that none has to be parsed, without what the platform adds. */
    private List<String> read() {
        var texts = new ArrayList<String>();
        var position = Optional.<Position>empty();
        while (true) {
            var page = shelf.records.list(shelf.items, RecordQuery.after(position, 1));
            if (page.count() == 0) {
                return texts;
            }
            var text = new String(page.records(), UTF_8);
            texts.add(withoutMetadata(text));
            var cursor = text.lastIndexOf("\"cursor\":\"") + "\"cursor\":\"".length();
            position = Position.parse(text.substring(cursor, text.indexOf('"', cursor)));
        }
    }

    private static String withoutMetadata(String arrayOfOne) {
        return arrayOfOne.substring(1, arrayOfOne.lastIndexOf(METADATA)) + "}";
    }
}
