package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What PostgreSQL can store, and what becomes of the rest. */
class StorableTest {
    private static final int ROUNDS = 20_000;
    private static final String PAIR = "\uD83D\uDE00";

    private final RandomText texts = new RandomText(new Random(7));

    @Test
    void what_cannot_be_stored_is_replaced_one_for_one() {
        assertThat(Storable.text("a\0b")).isEqualTo("a\uFFFDb");
        assertThat(Storable.text("\uD83D" + PAIR + "\uDE00")).isEqualTo("\uFFFD" + PAIR + "\uFFFD");
        assertThat(Storable.text("\uDE00\uD83D")).isEqualTo("\uFFFD\uFFFD");
        assertThat(Storable.text("\uFFFE\uFFFF\uDBFF\uDFFF\u0001")).isEqualTo("\uFFFE\uFFFF\uDBFF\uDFFF\u0001");
    }

    @Test
    void a_text_has_a_fault_exactly_when_it_is_mended() {
        for (int i = 0; i < ROUNDS; i++) {
            var text = texts.next();
            var mended = Storable.text(text);

            assertThat(Storable.fault(text).isPresent()).isEqualTo(!mended.equals(text));
            assertThat(Storable.fault(mended)).isEmpty();
            assertThat(mended).hasSameSizeAs(text);
        }
    }

    @Test
    void json_is_mended_whether_it_is_escaped_or_not() {
        for (int i = 0; i < ROUNDS; i++) {
            var key = texts.next();
            var value = texts.next();
            var json = "{" + texts.quoted(key) + ":[" + texts.quoted(value) + ",1]}";

            var tree = Json.parse(Storable.json(json));

            assertThat(tree.propertyNames()).containsExactly(Storable.text(key));
            assertThat(tree.path(Storable.text(key)).path(0).stringValue()).isEqualTo(Storable.text(value));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"a\":\"\\\\u0000\"}", "{\"a\":\"\\\\\\\\u0000 \\u0001\"}", "\"\\", "\"\\u12", "\"\\uxyzw\""})
    void other_text_stays_as_it_is(String json) {
        assertThat(Storable.json(json)).isEqualTo(json);
    }

    @Test
    void the_start_of_a_text_ends_with_a_whole_character() {
        assertThat(Storable.start("ab" + PAIR, 3)).isEqualTo("ab");
        assertThat(Storable.start("ab" + PAIR, 4)).isEqualTo("ab" + PAIR);
        assertThat(Storable.start("abc", 2)).isEqualTo("ab");
        assertThat(Storable.start(PAIR, 0)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1e131071, true",
        "1e131072, false",
        "1e-16383, true",
        "1e-16384, false",
        "1e2147483647, false",
        "0, true"
    })
    void numbers_are_stored_up_to_an_exponent(String number, boolean stored) {
        assertThat(Storable.fault(new BigDecimal(number)).isEmpty()).isEqualTo(stored);
    }
}
