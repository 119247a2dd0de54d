package dev.millrace.server.function.js;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.function.ScriptType;
import dev.millrace.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class JsRuntimeTest {
    private static final Path DIRECTORY = Path.of("../runtime").toAbsolutePath().normalize();
    private static final AtomicInteger ENVIRONMENTS = new AtomicInteger();

    private static JsRuntime runtime;
    private static ExecutorService threads;

    @BeforeAll
    static void start() {
        runtime = new JsRuntime(config(Duration.ofMillis(700)));
        threads = Executors.newVirtualThreadPerTaskExecutor();
    }

    @AfterAll
    static void stop() {
        threads.close();
        runtime.close();
    }

    @Test
    void an_action_answers_its_input() throws Exception {
        assertThat(output(action(newEnvironment(), "return { echo: input }", "{\"a\":0}"), answering("null")))
                .isEqualTo("{\"echo\":{\"a\":0}}");
        assertThat(output(action(newEnvironment(), "return input", "false"), answering("null")))
                .isEqualTo("false");
    }

    @Test
    void calls_log_lines_and_errors_cross_the_border() throws Exception {
        var lines = new ArrayList<String>();
        var host = new TestHost() {
            @Override
            public void saveRecords(RecordsCall call) {
                throw HostError.of("no such model", Optional.empty());
            }

            @Override
            public byte[] connection(ConnectionCall call) {
                var asked = call.connection().connectionId().orElse("");
                return Json.bytes(Json.object().put("method", "connection").put("asked", asked));
            }

            @Override
            public void log(String level, String message, byte[] meta) {
                lines.add(level + " " + message + " " + new String(meta, StandardCharsets.UTF_8));
            }
        };

        var outcome = execute(
                new ExecutionRequest(
                        newEnvironment(),
                        script("""
                                var sync = { type: 'sync', exec: async (nango) => {
                                  const c = await nango.getConnection();
                                  await nango.log('got ' + c.asked, { m: c.method });
                                  await nango.batchSave([{ id: '1' }], 'M');
                                } };
                                module.exports = { default: sync };
                                """),
                        ScriptType.SYNC,
                        "{\"connectionId\":\"c1\",\"providerConfigKey\":\"int\"}",
                        Optional.empty(),
                        Optional.empty(),
                        "info",
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30)),
                host);

        assertThat(lines).containsExactly("info got c1 {\"m\":\"connection\"}");
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.type()).isEqualTo("script_internal_error");
            assertThat(failed.payload()).contains("Failed to save records: no such model");
        });
    }

    @Test
    void two_hundred_runs_wait_at_once() throws Exception {
        long environment = newEnvironment();
        var all = new CountDownLatch(200);
        var host = new Answering(() -> {
            all.countDown();
            all.await();
            return "{\"name\":\"x\"}";
        });

        var runs = new ArrayList<Future<Outcome>>();
        for (int i = 0; i < 200; i++) {
            var execution = action(environment, "return [input, (await nango.getConnection()).name]", "" + i);
            runs.add(threads.submit(() -> execute(execution, host)));
        }

        for (int i = 0; i < 200; i++) {
            assertThat(text(runs.get(i).get())).isEqualTo("[" + i + ",\"x\"]");
        }
    }

    @Test
    void an_endless_loop_is_ended_and_other_runs_continue() throws Exception {
        long environment = newEnvironment();
        var loopIsOver = new CountDownLatch(1);
        var waiting = new Answering(() -> {
            loopIsOver.await();
            return "\"fine\"";
        });
        var bystander =
                threads.submit(() -> execute(action(environment, "return await nango.getToken()", "{}"), waiting));
        var loop = threads.submit(() -> execute(action(environment, "for (;;);", "{}"), answering("null")));

        await().atMost(Duration.ofSeconds(90)).until(() -> {
            assertThat(output(action(newEnvironmentOnce(), "return 1", "{}"), answering("null")))
                    .isEqualTo("1");
            return loop.isDone();
        });

        assertThat(type(loop.get())).isEqualTo("function_runtime_timed_out");
        loopIsOver.countDown();
        assertThat(text(bystander.get())).isEqualTo("\"fine\"");
        assertThat(output(action(environment, "return 2", "{}"), answering("null")))
                .isEqualTo("2");
    }

    @Test
    void a_killed_worker_fails_its_runs_and_is_replaced() throws Exception {
        long environment = newEnvironment();
        var host = new Answering(() -> {
            workers().forEach(ProcessHandle::destroyForcibly);
            new CountDownLatch(1).await();
            return "null";
        });

        var outcome = execute(action(environment, "await nango.getToken()", "{}"), host);

        assertThat(type(outcome)).isEqualTo("function_runtime_other");
        // The spare process was killed as well, perhaps while it was being handed out.
        await().untilAsserted(() -> assertThat(output(action(environment, "return 3", "{}"), answering("null")))
                .isEqualTo("3"));
    }

    @Test
    void an_interrupt_cancels_the_function_and_its_calls() throws Exception {
        var started = new SynchronousQueue<Boolean>();
        var interrupted = new CountDownLatch(1);
        var host = new Answering(() -> {
            started.put(true);
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
            return "null";
        });
        var ended = new CountDownLatch(1);
        var caller = Thread.ofVirtual().start(() -> {
            assertThatThrownBy(() -> execute(action(newEnvironment(), "await nango.getToken()", "{}"), host))
                    .isInstanceOf(InterruptedException.class);
            ended.countDown();
        });

        started.take();
        caller.interrupt();

        interrupted.await();
        ended.await();
    }

    @Test
    void a_loop_that_is_cancelled_leaves_its_caller_and_its_environment_free() throws Exception {
        long environment = newEnvironment();
        var looping = new SynchronousQueue<Boolean>();
        var host = new TestHost() {
            @Override
            public void log(String level, String message, byte[] meta) {
                try {
                    looping.put(true);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        var body = "await nango.log('now', { level: 'error' }); await new Promise((r) => setTimeout(r, 1)); for (;;);";
        var ended = new CountDownLatch(1);
        var caller = Thread.ofVirtual().start(() -> {
            assertThatThrownBy(() -> execute(action(environment, body, "{}"), host))
                    .isInstanceOf(InterruptedException.class);
            ended.countDown();
        });

        looping.take();
        caller.interrupt();

        ended.await();
        assertThat(output(action(environment, "return 5", "{}"), answering("null")))
                .isEqualTo("5");
    }

    @Test
    void who_gets_no_worker_in_its_time_has_not_started() throws Exception {
        var limits = RuntimeConfig.PoolLimits.USUAL.withWorkers(1).withConcurrent(1);
        var one = config(Duration.ofSeconds(10));
        try (var narrow = new JsRuntime(new RuntimeConfig(one.node(), DIRECTORY, limits, one.worker()))) {
            var occupied = new CountDownLatch(1);
            var release = new CountDownLatch(1);
            var first = threads.submit(
                    () -> narrow.execute(action(1, "await nango.getToken(); return 1", "{}"), new Answering(() -> {
                        occupied.countDown();
                        release.await();
                        return "null";
                    })));
            occupied.await();

            var late = narrow.execute(action(1, "return 2", "{}", Duration.ofMillis(20)), answering("null"));

            assertThat(type(late)).isEqualTo(Outcome.NOT_STARTED);
            release.countDown();
            assertThat(text(first.get())).isEqualTo("1");
        }
    }

    private static RuntimeConfig config(Duration stall) {
        var node = PinnedNode.in(DIRECTORY).orElseThrow();
        return new RuntimeConfig(
                node,
                DIRECTORY,
                RuntimeConfig.PoolLimits.USUAL.withWorkers(1),
                new RuntimeConfig.WorkerLimits(64, 640, stall));
    }

    private interface Answer {
        String get() throws InterruptedException;
    }

    private static final class Answering extends TestHost {
        private final Answer answer;

        Answering(Answer answer) {
            this.answer = answer;
        }

        @Override
        protected JsonNode answer(String call) throws InterruptedException {
            return Json.parse(answer.get());
        }
    }

    private static FunctionHost answering(String json) {
        return new Answering(() -> json);
    }

    private static Outcome execute(ExecutionRequest execution, FunctionHost host) throws InterruptedException {
        return runtime.execute(execution, host);
    }

    private static String output(ExecutionRequest execution, FunctionHost host) throws InterruptedException {
        return text(execute(execution, host));
    }

    private static String text(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Succeeded.class);
        return new String(((Outcome.Succeeded) outcome).output(), StandardCharsets.UTF_8);
    }

    private static String type(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        return ((Outcome.Failed) outcome).type();
    }

    private static List<ProcessHandle> workers() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().orElse("").endsWith("bin/node"))
                .toList();
    }

    private static long newEnvironment() {
        return ENVIRONMENTS.incrementAndGet();
    }

    /** One neighbour for all looks: starting a process for each would only make the machine busy. */
    private static long newEnvironmentOnce() {
        return Long.MAX_VALUE;
    }

    private static Script script(String code) {
        return new Script("fn", "int", Integer.toHexString(code.hashCode()), code, "0.71.0-zero");
    }

    private static ExecutionRequest action(long environment, String body, String input) {
        return action(environment, body, input, ScriptType.ACTION.longestWait());
    }

    private static ExecutionRequest action(long environment, String body, String input, Duration patience) {
        var code =
                "module.exports = { default: { type: 'action', exec: async (nango, input) => {\n" + body + "\n} } };";
        return new ExecutionRequest(
                environment,
                script(code),
                ScriptType.ACTION,
                "{\"connectionId\":\"c1\",\"providerConfigKey\":\"int\"}",
                Optional.of(input),
                Optional.empty(),
                "warn",
                patience,
                Duration.ofSeconds(60));
    }
}
