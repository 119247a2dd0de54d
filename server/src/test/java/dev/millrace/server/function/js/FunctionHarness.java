package dev.millrace.server.function.js;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.function.ScriptType;
import dev.millrace.server.function.js.RuntimeConfig.PoolLimits;
import dev.millrace.server.function.js.RuntimeConfig.WorkerLimits;
import dev.millrace.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/** Actions as one line each, and short limits, for tests that run functions on real workers. */
final class FunctionHarness {
    private static final Path DIRECTORY = Path.of("../runtime").toAbsolutePath().normalize();
    private static final AtomicLong ENVIRONMENTS = new AtomicLong();

    private WorkerLimits worker = new WorkerLimits(64, 640, Duration.ofMillis(700));
    private PoolLimits pool = PoolLimits.USUAL.withWorkers(1);

    FunctionHarness with(WorkerLimits limits) {
        worker = limits;
        return this;
    }

    FunctionHarness with(PoolLimits limits) {
        pool = limits;
        return this;
    }

    RuntimeConfig config() {
        return new RuntimeConfig(PinnedNode.in(DIRECTORY).orElseThrow(), DIRECTORY, pool, worker);
    }

    static long newEnvironment() {
        return ENVIRONMENTS.incrementAndGet();
    }

    /** An action whose body is {@code body}, with {@code nango} and {@code input}, for a minute at most. */
    static ExecutionRequest action(long environment, String body) {
        return action(environment, body, Duration.ofMinutes(1));
    }

    static ExecutionRequest action(long environment, String body, Duration deadline) {
        var code =
                "module.exports = { default: { type: 'action', exec: async (nango, input) => {\n" + body + "\n} } };";
        return new ExecutionRequest(
                environment,
                new Script("fn", "int", Integer.toHexString(code.hashCode()), code, "0.71.0-zero"),
                ScriptType.ACTION,
                "{\"connectionId\":\"c1\",\"providerConfigKey\":\"int\"}",
                Optional.of("{}"),
                Optional.empty(),
                "warn",
                ScriptType.ACTION.longestWait(),
                deadline);
    }

    static String text(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Succeeded.class);
        return new String(((Outcome.Succeeded) outcome).output(), StandardCharsets.UTF_8);
    }

    static Outcome.Failed failed(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        return (Outcome.Failed) outcome;
    }

    /** What a function asks for, answered by the test. */
    interface Answer {
        JsonNode to(String call) throws InterruptedException;
    }

    static FunctionHost answering(Answer answer) {
        return new TestHost() {
            @Override
            protected JsonNode answer(String call) throws InterruptedException {
                return answer.to(call);
            }
        };
    }

    /** For functions that ask for nothing. */
    static FunctionHost silent() {
        return answering(_ -> Json.object());
    }
}
