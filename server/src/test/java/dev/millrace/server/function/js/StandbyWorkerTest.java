package dev.millrace.server.function.js;

import static dev.millrace.server.function.js.FunctionHarness.action;
import static dev.millrace.server.function.js.FunctionHarness.newEnvironment;
import static dev.millrace.server.function.js.FunctionHarness.silent;
import static dev.millrace.server.function.js.FunctionHarness.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.function.js.RuntimeConfig.PoolLimits;
import dev.millrace.server.function.js.RuntimeConfig.WorkerLimits;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which processes there are beside those that have work. */
@Tag("slow")
final class StandbyWorkerTest {
    private static final Duration A_FEW_LOOKS = Duration.ofSeconds(2);

    /** A heap that no other runtime of the tests has: it tells the processes apart. */
    private static final WorkerLimits LIMITS = new WorkerLimits(61, 640, Duration.ofSeconds(10));

    private static Set<Long> ours() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().commandLine().orElse("").contains("--max-old-space-size=61 "))
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }

    @Test
    void a_process_is_kept_ready_as_long_as_someone_may_need_it() throws Exception {
        var one = PoolLimits.USUAL.withWorkers(1);
        try (var runtime =
                new JsRuntime(new FunctionHarness().with(one).with(LIMITS).config())) {
            await().until(() -> ours().size() == 1);
            var idle = ours();

            assertThat(text(runtime.execute(action(newEnvironment(), "return 1"), silent())))
                    .isEqualTo("1");
            await().during(A_FEW_LOOKS).until(() -> ours().equals(idle));

            assertThat(text(runtime.execute(action(newEnvironment(), "return 2"), silent())))
                    .isEqualTo("2");
            await().during(A_FEW_LOOKS).until(() -> ours().size() == 2);

            idle.forEach(pid -> ProcessHandle.of(pid).orElseThrow().destroyForcibly());
            await().until(() -> ours().size() == 2 && !ours().containsAll(idle));
        }
        await().until(() -> ours().isEmpty());
    }
}
