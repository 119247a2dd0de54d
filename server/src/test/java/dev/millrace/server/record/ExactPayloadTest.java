package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.metadata.RandomJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a function saves is read back byte for byte. */
class ExactPayloadTest {
    private static final int MEGABYTE = 1024 * 1024;

    private static final Shelf shelf = new Shelf();
    private static final PayloadChecks payloads = new PayloadChecks(shelf);

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
        var batch = new ArrayList<String>();
        for (int i = 0; i < 1_000; i++) {
            var members = json.object();
            var id = "{\"id\":\"r" + i + "\"";
            batch.add(members.equals("{}") ? id + "}" : id + "," + members.substring(1));
        }

        shelf.save(1, batch.toArray(String[]::new));

        assertThat(payloads.read()).containsExactlyElementsOf(batch);
        assertThat(shelf.save(2, batch.toArray(String[]::new)).unchanged()).isEqualTo(1_000);
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

        assertThat(payloads.read()).containsExactly(text);
        assertThat(shelf.save(2, text).unchanged()).isEqualTo(1);
    }

    @Test
    void numbers_may_have_thousands_of_digits() {
        for (var number : List.of("9".repeat(400), "1." + "3".repeat(9_000), "-" + "1".repeat(9_999))) {
            var text = "{\"id\":\"n" + number.length() + "\",\"v\":" + number + "}";

            shelf.save(1, text);

            assertThat(payloads.read()).contains(text);
        }
        payloads.refused("{\"id\":\"x\",\"v\":" + "1".repeat(10_001) + "}", "Number value length", "10000");
    }

    @Test
    void nesting_has_a_limit_that_is_told() {
        var deep = "{\"id\":\"deep\",\"v\":" + "[".repeat(999) + "]".repeat(999) + "}";
        var objects = "{\"id\":\"objects\",\"v\":" + "{\"a\":".repeat(998) + "{}" + "}".repeat(998) + "}";

        shelf.save(1, deep, objects);

        assertThat(payloads.read()).containsExactly(deep, objects);
        assertThat(update("{\"id\":\"objects\",\"v\":" + "{\"a\":".repeat(998) + "{\"b\":1}" + "}".repeat(998) + "}"))
                .isEqualTo(new Saved(0, 1, 0, 0, List.of()));
        for (int levels : List.of(1_001, 100_000)) {
            payloads.refused("{\"id\":\"x\",\"v\":" + "[".repeat(levels) + "]".repeat(levels) + "}", "nesting", "1000");
            payloads.refused(
                    "{\"id\":\"x\",\"v\":" + "{\"a\":".repeat(levels) + "1" + "}".repeat(levels) + "}", "nesting");
            payloads.refused(
                    "{\"_nango_metadata\":" + "[".repeat(levels) + "]".repeat(levels) + ",\"id\":\"x\"}", "nesting");
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
            assertThat(PayloadChecks.withoutMetadata(one).equals(large.get(i))).isTrue();
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

        assertThat(payloads.read()).containsExactly("{\"v\":1,\"id\":\"" + number + "\"}");
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
        assertThat(payloads.read()).hasSize(accepted.size());
        for (var id : List.of("x".repeat(256), "\u4e2d".repeat(256), "\uD83D\uDE00".repeat(128), "1".repeat(256))) {
            payloads.refused("{\"id\":\"" + id + "\"}", "256 characters", "at most 255");
        }
        payloads.refused("{\"id\":" + "1".repeat(256) + "}", "256 characters", "at most 255");
    }

    @Test
    void nul_characters_leave_ids_and_nothing_else() {
        var saved = shelf.save(1, "{\"id\":\"\\u0000a\\u0000\",\"v\":\"\\u0000\"}", "{\"id\":\"a\"}");

        assertThat(saved).isEqualTo(new Saved(1, 0, 0, 0, List.of("a")));
        assertThat(payloads.read()).containsExactly("{\"id\":\"a\",\"v\":\"\\u0000\"}");
        payloads.refused("{\"id\":\"\\u0000\"}", "empty id");
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

    private static String open(String object) {
        return object.substring(0, object.length() - 1);
    }
}
