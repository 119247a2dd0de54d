package dev.millrace.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.action.ActionResult;
import dev.millrace.server.function.js.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kinds of failures that no function can bring about within a test's patience. */
class FailuresTest {
    private static final UUID TASK = UUID.fromString("6f68d53c-043c-43a3-95af-ea31f604ee55");

    private static ActionResult seen(String type, String payload, Optional<String> upstream) {
        return ActionResult.of(Failures.of(new Outcome.Failed(type, payload, OptionalInt.empty(), upstream), TASK));
    }

    private static String body(ActionResult result) {
        return new String(result.body(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({Outcome.NOT_STARTED, Outcome.OVERRAN, Failures.LOST})
    void what_took_too_long_has_expired(String reason) {
        var seen = seen(reason, "{}", Optional.empty());

        assertThat(seen.status()).isEqualTo(500);
        assertThat(body(seen)).isEqualTo("""
                {"error":{"message":"The action script failed with an error: Task %s expired: %s",\
                "code":"action_script_failure","payload":{"error":"Task %s expired","payload":{"reason":"%s"}}}}""".formatted(TASK, reason, TASK, reason));
    }

    @Test
    void what_was_stopped_tells_why() {
        assertThat(body(ActionResult.of(Failures.cancelled(TASK, "why")))).isEqualTo("""
                {"error":{"message":"The action script failed with an error: Task %s was cancelled: why",\
                "code":"action_script_failure",\
                "payload":{"error":"Task %s was cancelled","payload":{"reason":"why"}}}}""".formatted(TASK, TASK));
    }

    @Test
    void a_limit_of_the_platform_is_told_as_an_upstream_failure() {
        var seen = seen("script_api_rate_limit_error", "{\"a\":1}", Optional.of("{\"status\":429}"));

        assertThat(seen.status()).isEqualTo(424);
        assertThat(body(seen))
                .isEqualTo(
                        "{\"error\":{\"payload\":{\"a\":1},\"code\":\"script_api_rate_limit_error\",\"upstream\":{\"status\":429}}}");
    }

    @ParameterizedTest
    @CsvSource({
        "script_output_too_large, 400, script_output_too_large",
        "script_aborted, 410, script_aborted",
        "invalid_sync_record, 400, invalid_sync_record",
        "execution_timeout, 500, execution_timeout",
        "function_runtime_timed_out, 500, function_runtime_timed_out",
        "function_runtime_out_of_memory, 500, function_runtime_out_of_memory",
        "function_runtime_other, 500, function_runtime_other",
        "something_new, 500, unhandled_something_new"
    })
    void codes_have_their_status_and_unknown_ones_say_so(String type, int status, String code) {
        var seen = seen(type, "{}", Optional.empty());

        assertThat(seen.status()).isEqualTo(status);
        assertThat(body(seen)).contains("\"code\":\"" + code + "\"", "\"message\":\"");
    }
}
