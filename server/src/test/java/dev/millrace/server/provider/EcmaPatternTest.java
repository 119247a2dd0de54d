package dev.millrace.server.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EcmaPatternTest {
    /** What JavaScript answers to {@code new RegExp(pattern).test(text)}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '"',
            value = {
                "^[a-z0-9-]+$~my-host~true",
                "^[a-z0-9-]+$~my.host~false",
                "^qm_[A-Za-z0-9]{3}$~qm_a1b~true",
                "^[^[\\]]+$~ab~true",
                "^[^[\\]]+$~a[b~false",
                "^[a&&b]$~&~true",
                "^[a&&b]$~a~true",
                "^[\\w-.]+$~a-b.c~true",
                "^https:\\/\\/\\w+\\.example$~https://a.example~true",
                "^{id}$~{id}~true",
                "^a{,2}$~a{,2}~true",
                "^\\i\\e\\h$~ieh~true",
                "^[\\v]$~v~false",
                "^[^]$~]~true",
                "[]~a~false",
                "^\\p{Lu}$~É~true",
                "(?<year>\\d{4})\\k<year>~20262026~true",
            })
    void a_pattern_matches_as_in_a_browser(String pattern, String text, boolean matches) {
        assertThat(EcmaPattern.compile(pattern).matcher(text).find()).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({"^a$", "a$"})
    void the_end_is_not_before_a_last_line_break(String pattern) {
        assertThat(EcmaPattern.compile(pattern).matcher("a\n").find()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "a(?", "[a", "\\", "*"})
    void what_is_no_expression_is_refused(String pattern) {
        assertThatThrownBy(() -> EcmaPattern.compile(pattern)).isInstanceOf(PatternSyntaxException.class);
    }
}
