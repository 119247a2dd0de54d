package dev.millrace.server.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON that is read and written comes out as it went in. */
class JsonDigitsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "-0.0",
                "1.10",
                "1E400",
                "1e400",
                "1E+2",
                "0.1e-7",
                "-1.5E-10",
                "9007199254740993",
                "123456789012345678901234567890",
                "999999999999999999",
                "1000000000000000000",
                "-9223372036854775808",
                "3.14159265358979323846264338327950288419716939937510"
            })
    void numbers_keep_their_digits(String number) {
        var text = "{\"n\":" + number + ",\"a\":[" + number + "]}";

        assertThat(Json.text(Json.parse(text))).isEqualTo(text);
        assertThat(Json.text(Json.parseObject(text).deepCopy())).isEqualTo(text);
    }

    @RepeatedTest(200)
    void any_object_comes_back_as_it_was(RepetitionInfo repetition) {
        var text = new RandomJson(new Random(repetition.getCurrentRepetition())).object();

        assertThat(Json.text(Json.parse(text))).isEqualTo(text);
    }
}
