package dev.millrace.server.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ways in which providers say how long a token is good. */
class TokenLifeTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"expires_in\":3600}|2026-01-01T01:00:00Z",
                "{\"expires_in\":\"3600\"}|2026-01-01T01:00:00Z",
                "{\"expires_in\":3599.9}|2026-01-01T00:59:59Z",
                "{\"expires_at\":1767229200}|2026-01-01T01:00:00Z",
                "{\"expires_at\":\"1767229200\"}|2026-01-01T01:00:00Z",
                "{\"expires_at\":1767229200000}|2026-01-01T01:00:00Z",
                "{\"expires_at\":\"2026-01-01T02:00:00+01:00\"}|2026-01-01T01:00:00Z",
                "{\"expires_at\":\"2026-01-02\"}|2026-01-02T00:00:00Z",
                "{\"expires_at\":\"2026-01-01 01:00:00\"}|2026-01-01T01:00:00Z",
                "{\"expires_at\":\"Thu, 01 Jan 2026 01:00:00 GMT\"}|2026-01-01T01:00:00Z",
                "{\"expires_at\":\"0:01:30\"}|2026-01-01T01:30:00Z",
                "{\"expires_at\":\"2:00:00\",\"expires_in\":1}|2026-01-03T00:00:00Z",
                "{\"expires_at\":\"soon\",\"expires_in\":60}|2026-01-01T00:01:00Z",
                "{\"expires_in\":1e18}|2124-12-08T00:00:00Z",
                "{\"expires_at\":999999999999999999}|9999-12-31T00:00:00Z",
                "{\"expires_in\":0}|",
                "{\"expires_in\":-1}|",
                "{\"expires_at\":null}|",
                "{\"expires_in\":\"NaN\"}|",
                "{}|",
            })
    void of_an_answer(String answer, Instant until) {
        var found = TokenLife.of(Json.parseObject(answer), NOW);

        assertThat(found.orElse(null)).isEqualTo(until);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "60|PT1M",
                "\"60\"|PT1M",
                "\"2h\"|PT2H",
                "\"30 minutes\"|PT30M",
                "\"7d\"|PT168H",
                "\"1500ms\"|PT1.5S"
            })
    void as_an_amount(String value, Duration amount) {
        assertThat(TokenLife.amount(Json.parse(value))).contains(amount);
    }
}
