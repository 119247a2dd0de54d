package dev.millrace.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.RetryRules;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether and when a call is repeated. */
class RetriesTest {
    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");
    private static final RetryRules HINTED =
            RetryRules.of(Samples.json("{\"at\":[\"x-at\",\"X-At-2\"],\"after\":[\"x-after\"]}"));

    private final Retries retries = new Retries(() -> NOW, new Random(1), _ -> true);

    private long wait(RetryRules rules, int status, String... headers) {
        var all = new TreeMap<String, List<String>>();
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], List.of(headers[i + 1]));
        }
        var answer = new OutboundAnswer(Url.parse("http://api.test/"), status, "", all, InputStream.nullInputStream());
        var call =
                Call.to("GET", "/").retries(1).longestPause(Duration.ofDays(1)).build();
        return retries.afterAnswer(call, rules, 0, answer)
                .next()
                .map(Duration::toMillis)
                .orElse(-1L);
    }

    @ParameterizedTest
    @CsvSource({
        "1770091511,5000",
        "1770091511000,5000",
        "2026-02-03T04:05:11Z,5000",
        "2026-02-03T05:05:11.900+01:00,5000",
        "'Tue, 03 Feb 2026 04:05:11 GMT',5000",
    })
    void a_time_may_be_told_in_many_forms(String time, long expected) {
        assertThat(wait(HINTED, 429, "x-at", time)).isEqualTo(expected);
    }

    @Test
    void the_longest_wait_counts_and_a_time_goes_before_a_delay() {
        assertThat(wait(HINTED, 429, "x-at", "1770091511", "x-at-2", "1770091516", "x-after", "60"))
                .isEqualTo(10_000);
        assertThat(wait(HINTED, 429, "x-at", "1770000000", "x-after", "0.5"))
                .as("past")
                .isEqualTo(500);
        assertThat(wait(HINTED, 429, "x-at", "soon", "x-after", "1.5")).isEqualTo(1_500);
    }

    @Test
    void retry_after_is_the_last_resort_before_the_usual_wait() {
        assertThat(wait(RetryRules.NONE, 503, "retry-after", "7")).isEqualTo(7_000);
        assertThat(wait(RetryRules.NONE, 503, "retry-after", "Tue, 03 Feb 2026 04:05:11 GMT"))
                .isEqualTo(5_000);
        assertThat(wait(HINTED, 503, "x-after", "Tue, 03 Feb 2026 04:05:11 GMT"))
                .isBetween(3_000L, 3_300L);
        assertThat(wait(RetryRules.NONE, 503)).isBetween(3_000L, 3_300L);
    }

    @ParameterizedTest
    @CsvSource({"400,false", "401,true", "403,false", "404,false", "429,true", "500,true", "599,true"})
    void the_usual_statuses(int status, boolean repeated) {
        assertThat(wait(RetryRules.NONE, status) >= 0).isEqualTo(repeated);
    }

    @ParameterizedTest
    @CsvSource({"401,false", "404,true", "429,false", "500,true", "502,true", "504,false", "201,false"})
    void named_statuses_replace_the_usual_ones(int status, boolean repeated) {
        var rules = RetryRules.of(Samples.json("{\"error_code\":[\"404\",\"500-503\"]}"));

        assertThat(wait(rules, status) >= 0).isEqualTo(repeated);
    }

    @Test
    void names_of_headers_may_be_written_in_any_case() {
        var rules = RetryRules.of(Samples.json("{\"after\":\"X-After\",\"remaining\":\"X-Left\"}"));

        assertThat(wait(rules, 418, "x-left", "0", "x-after", "2")).isEqualTo(2_000);
    }

    @Test
    void the_calls_own_rules_are_laid_over_the_definitions() {
        var definition =
                RetryRules.of(Samples.json("{\"at\":\"x-at\",\"error_code\":[\"404\"],\"remaining\":\"x-left\"}"));
        var own = RetryRules.of(Samples.json("{\"after\":\"x-mine\"}")).over(definition);

        assertThat(own.after()).containsExactly("x-mine");
        assertThat(own.at()).as("the waits are one thing").isEmpty();
        assertThat(wait(own, 404, "x-mine", "2")).isEqualTo(2_000);
        assertThat(wait(own, 418, "x-left", "0", "x-mine", "2")).isEqualTo(2_000);
        assertThat(wait(own, 500)).isEqualTo(-1);
        assertThat(RetryRules.NONE.over(definition)).isEqualTo(definition);
    }
}
