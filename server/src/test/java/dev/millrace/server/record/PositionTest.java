package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTest {
    @Test
    void a_cursor_reads_back_as_the_position_it_was_made_from() {
        var random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            var position = new Position(
                    random.nextLong(4_000_000_000_000_000L), random.nextLong(1L << 48), random.nextLong(1L << 32));

            assertThat(Position.parse(position.cursor())).contains(position);
        }
    }

    @Test
    void a_cursor_is_the_time_and_a_uuid() {
        var text =
                new String(Base64.getDecoder().decode(new Position(1_700_000_000_120_000L, 500, 0xab).cursor()), UTF_8);

        assertThat(text).isEqualTo("2023-11-14T22:13:20.12+00:00||6d720000-00ab-8ce0-8000-0000000001f4");
    }

    @ParameterizedTest
    @CsvSource({
        "1700000000000000, 2023-11-14T22:13:20+00:00",
        "1700000000100000, 2023-11-14T22:13:20.1+00:00",
        "1700000000000001, 2023-11-14T22:13:20.000001+00:00",
        "1700000000045230, 2023-11-14T22:13:20.04523+00:00"
    })
    void times_have_no_trailing_zeros(long micros, String text) {
        assertThat(Times.text(micros)).isEqualTo(text);
        assertThat(Times.micros(text)).isEqualTo(micros);
    }

    @Test
    void a_foreign_uuid_stands_before_all_records_of_its_moment() {
        var foreign = "2023-11-14T22:13:20.12+00:00||fd8ef135-adac-5250-92d5-ffbe32636637";

        assertThat(Position.parse(encode(foreign))).contains(new Position(1_700_000_000_120_000L, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a||b",
                "",
                "2023-11-14T22:13:20+00:00",
                "2023-11-14T22:13:20+00:00||",
                "2023-11-14T22:13:20+00:00||1-2-3-4-5",
                "yesterday||fd8ef135-adac-5250-92d5-ffbe32636637",
                "+999999999-01-01T00:00:00+00:00||fd8ef135-adac-5250-92d5-ffbe32636637"
            })
    void other_text_is_no_cursor(String text) {
        assertThat(Position.parse(encode(text))).isEmpty();
        assertThat(Position.parse(text + "!")).isEmpty();
    }

    private static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
