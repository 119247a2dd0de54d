package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.function.ScriptType;
import dev.millrace.server.function.js.ExecutionRequest;
import dev.millrace.server.function.js.HostError;
import dev.millrace.server.function.js.JsRuntime;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.function.js.Script;
import dev.millrace.server.function.js.TestHost;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundConfig;
import dev.millrace.server.proxy.Proxy;
import dev.millrace.server.testkit.StalledApi;
import dev.millrace.server.testkit.StalledApi.Answer;
import dev.millrace.server.testkit.TestConfig;
import dev.millrace.server.testkit.TestFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A run's deadline ends a call that is under way, in its headers and in its body. */
@Tag("slow")
@Timeout(300)
class DeadlineTest {
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private static final Outbound outbound = new Outbound(OutboundConfig.direct(true));
    private static final Proxy proxy = new Proxy(outbound, Clock.systemUTC(), new Random(1));
    private static final JsRuntime runtime = new JsRuntime(
            TestConfig.of(TestFolder.create("deadline"), Optional.empty()).runtime());

    @AfterAll
    static void stop() {
        runtime.close();
        outbound.close();
    }

    /** Fetches as runs do. */
    private static final class Fetching extends TestHost {
        @Override
        public FetchAnswer fetch(FetchCall call) throws InterruptedException {
            try (var answer = proxy.fetch("GET", Proxy.address(call.url()), Map.of(), call.body())) {
                var body = answer.body().readAllBytes();
                return new FetchAnswer(ok(new ByteArrayInputStream(body)), false);
            } catch (IOException e) {
                throw HostError.of(String.valueOf(e.getMessage()), Optional.of("ECONNRESET"));
            }
        }

        @Override
        public void log(String level, String message, byte[] meta) {
            throw new AssertionError(message);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Answer.class,
            names = {"NOTHING", "HALF_A_BODY"})
    void a_stalled_answer_ends_with_the_run(Answer answer) throws Exception {
        try (var api = new StalledApi(answer)) {
            var code = "module.exports = { default: { type: 'action', exec: async (nango) => {"
                    + " await nango.uncontrolledFetch({ url: new URL('" + api.url() + "/') }); } } };";

            // The start of a worker is no part of what is looked at.
            run("warm-up", "module.exports = { default: { type: 'action', exec: async () => 1 } };", LONGEST_WAIT);

            var outcome = run(answer.name(), code, DEADLINE);

            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.type()).isEqualTo(Outcome.OVERRAN));
            await().atMost(LONGEST_WAIT).until(() -> api.givenUp() == 1);
        }
    }

    private static Outcome run(String hash, String code, Duration deadline) throws InterruptedException {
        var execution = new ExecutionRequest(
                1,
                new Script("stalled", "crm", hash, code, "0.71.10-zero"),
                ScriptType.ACTION,
                "{}",
                Optional.empty(),
                Optional.empty(),
                "info",
                LONGEST_WAIT,
                deadline);
        return runtime.execute(execution, new Fetching());
    }
}
