package dev.millrace.server.function.js;

import static dev.millrace.server.function.js.FunctionHarness.action;
import static dev.millrace.server.function.js.FunctionHarness.answering;
import static dev.millrace.server.function.js.FunctionHarness.failed;
import static dev.millrace.server.function.js.FunctionHarness.newEnvironment;
import static dev.millrace.server.function.js.FunctionHarness.silent;
import static dev.millrace.server.function.js.FunctionHarness.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.function.js.RuntimeConfig.WorkerLimits;
import dev.millrace.server.http.Json;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Functions that do harm, each beside a neighbour in another environment that keeps running healthy actions, and one in the
 * same environment that waits.
 */
@Tag("slow")
final class ContainmentTest {
    private static final long HEALTHY = newEnvironment();
    private static final long TROUBLED = newEnvironment();

    private static JsRuntime runtime;
    /** For functions that fill the memory: however slow this machine is at that, they must not count as endless loops before. */
    private static JsRuntime patient;

    private static ExecutorService threads;
    private static Future<?> neighbour;
    private static final AtomicBoolean over = new AtomicBoolean();
    private static final AtomicInteger healthy = new AtomicInteger();

    @BeforeAll
    static void start() {
        runtime = new JsRuntime(new FunctionHarness()
                .with(new WorkerLimits(96, 400, Duration.ofMillis(1_500)))
                .config());
        patient = new JsRuntime(new FunctionHarness()
                .with(new WorkerLimits(96, 400, Duration.ofMinutes(10)))
                .config());
        threads = Executors.newVirtualThreadPerTaskExecutor();
        neighbour = threads.submit(() -> {
            while (!over.get()) {
                var answer = runtime.execute(
                        action(HEALTHY, "return (await nango.getConnection()).a"),
                        answering(_ -> Json.object().put("a", 1)));
                assertThat(text(answer)).isEqualTo("1");
                healthy.incrementAndGet();
                await().pollDelay(Duration.ofMillis(20)).until(() -> true);
            }
            return null;
        });
    }

    @AfterAll
    static void stop() throws Exception {
        over.set(true);
        neighbour.get();
        threads.close();
        runtime.close();
        patient.close();
        assertThat(healthy).hasPositiveValue();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "endless loop             | for (;;);",
                "loop that catches all    | for (;;) { try { for (;;); } catch {} finally { for (;;); } }",
                "endless microtasks       | const again = () => { Promise.resolve().then(again); }; again(); await new Promise(() => 0);",
                "microtasks after a call  | await nango.getToken(); for (;;) await null;",
                "catastrophic regex       | /^(a+)+$/.test('a'.repeat(50) + 'b');",
                "endless toJSON           | return { toJSON() { for (;;); } };",
            })
    void a_function_that_does_not_yield_ends_alone(String name, String body) throws Exception {
        var waiting = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var bystander = threads.submit(() ->
                runtime.execute(action(TROUBLED, "return (await nango.getConnection()).a"), answering(method -> {
                    waiting.countDown();
                    release.await();
                    return Json.object().put("a", 7);
                })));
        waiting.await();

        var outcome = runtime.execute(action(TROUBLED, body), silent());

        assertThat(failed(outcome).type()).as(name).isEqualTo("function_runtime_timed_out");
        release.countDown();
        assertThat(text(bystander.get())).isEqualTo("7");
        assertThat(neighbour.isDone()).isFalse();
    }

    @Test
    void leftover_microtasks_of_a_function_end_without_affecting_others() throws Exception {
        var zombie = action(TROUBLED, "(async () => { for (;;) await null; })(); return 1");
        assertThat(text(runtime.execute(zombie, silent()))).isEqualTo("1");

        assertThat(text(runtime.execute(action(TROUBLED, "return 2"), silent())))
                .isEqualTo("2");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "array bomb               | const all = []; for (;;) all.push(Array.from({ length: 1e5 }, (_, i) => ({ i })));",
                "string bomb              | const all = []; for (;;) all.push(Buffer.alloc(1e6, 97).toString('latin1'));",
                "Buffer bomb              | const all = []; for (;;) all.push(Buffer.alloc(1e7, 1));",
                "slow Buffer bomb         | const all = []; for (;;) { all.push(Buffer.alloc(1e7, 1)); await new Promise((r) => setTimeout(r, 5)); }",
            })
    void a_function_that_fills_the_memory_is_blamed(String name, String body) throws Exception {
        takesTheWorker(patient, name, "function_runtime_out_of_memory", body);
    }

    @Test
    void a_built_in_that_cannot_be_interrupted_takes_the_worker() throws Exception {
        var costly = "[].indexOf.call({ length: 2 ** 53 - 1 }, 1);";
        takesTheWorker(runtime, "search without end", "function_runtime_timed_out", costly);
    }

    private static void takesTheWorker(JsRuntime of, String name, String type, String body) throws Exception {
        var waiting = new CountDownLatch(1);
        var bystander = threads.submit(() -> of.execute(action(TROUBLED, "await nango.getToken()"), hanging(waiting)));
        waiting.await();
        int before = healthy.get();

        var outcome = of.execute(action(TROUBLED, body), silent());

        assertThat(failed(outcome).type()).as(name).isEqualTo(type);
        assertThat(text(of.execute(action(TROUBLED, "return 1"), silent()))).isEqualTo("1");
        await().until(() -> healthy.get() > before || neighbour.isDone());
        assertThat(neighbour.isDone()).isFalse();
        bystander.cancel(true);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "throw null         | throw null;",
                "throw undefined    | throw undefined;",
                "throw text         | throw 'text';",
                "throw proxy        | throw new Proxy({}, { get() { throw 1 }, ownKeys() { throw 1 }, getPrototypeOf() { throw 1 } });",
                "throw bad getter   | throw { get message() { throw 1 }, get stack() { throw 1 } };",
                "throw bad error    | const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { throw 1 } }); throw e;",
                "exit               | process.exit(1);",
                "abort              | process.abort();",
                "kill               | process.kill(process.pid);",
                "exit by require    | require('process').exit(1);",
                "exit by Function   | Buffer.constructor('return process')().exit(1);",
                "deep recursion     | const f = () => f() + 1; f();",
                "deep result        | let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a;",
                "poisoned prototype | Object.defineProperty(Object.prototype, 'then', { get() { throw new Error('x') }, configurable: true }); return {};",
                "poisoned promise   | Promise.prototype.then = () => { throw new Error('x') }; throw new Error('y');",
            })
    void a_function_that_fails_leaves_its_worker_alone(String name, String body) throws Exception {
        var waiting = new CountDownLatch(1);
        var bystander =
                threads.submit(() -> runtime.execute(action(TROUBLED, "await nango.getToken()"), hanging(waiting)));
        waiting.await();

        var outcome = runtime.execute(action(TROUBLED, body, Duration.ofSeconds(10)), silent());

        assertThat(failed(outcome).type()).as(name).isEqualTo("script_internal_error");
        assertThat(bystander.isDone()).isFalse();
        assertThat(text(runtime.execute(
                        action(TROUBLED, "return [Object.keys({}).length, await Promise.resolve(1)]"), silent())))
                .isEqualTo("[0,1]");
        bystander.cancel(true);
    }

    @Test
    void a_promise_that_never_settles_ends_at_the_deadline() throws Exception {
        var execution = action(newEnvironment(), "await new Promise(() => 0)", Duration.ofMillis(300));

        assertThat(failed(runtime.execute(execution, silent())).type()).isEqualTo(Outcome.OVERRAN);
    }

    @Test
    void unhandled_rejections_and_throwing_callbacks_affect_no_other_run() throws Exception {
        var body = """
                for (const value of [null, undefined, 1, new Error('x'), { get stack() { throw 1 } }, new Proxy({}, { get() { throw 1 } })]) {
                  Promise.reject(value); new Promise(() => { throw value }); setTimeout(() => { throw value }, 0);
                  queue(value);
                }
                function queue(value) { Promise.resolve().then(() => { throw value }); }
                new FinalizationRegistry(() => { throw 1 }).register({}, 1);
                await new Promise((r) => setTimeout(r, 20)); return 4""";

        assertThat(text(runtime.execute(action(newEnvironment(), body), silent())))
                .isEqualTo("4");
    }

    @Test
    void an_output_of_100_megabytes_is_refused() throws Exception {
        try (var roomy = roomy()) {
            long environment = newEnvironment();

            var outcome = roomy.execute(action(environment, "return Array(100).fill('x'.repeat(1048576))"), silent());

            assertThat(failed(outcome).type()).isEqualTo("script_internal_error");
            assertThat(failed(outcome).payload()).contains("Output size is too large");
            assertThat(text(roomy.execute(action(environment, "return 1"), silent())))
                    .isEqualTo("1");
        }
    }

    @Test
    void a_million_log_lines_do_not_fill_the_memory() throws Exception {
        var lines = new AtomicInteger();
        var host = new TestHost() {
            @Override
            public void log(String level, String message, byte[] meta) {
                lines.incrementAndGet();
            }
        };
        try (var roomy = roomy()) {
            long environment = newEnvironment();

            var eager = "for (let i = 0; i < 1e6; i++) nango.log('line ' + i, { level: 'error' }); return 1";
            assertThat(text(roomy.execute(action(environment, eager), host))).isEqualTo("1");
            assertThat(lines.get()).isBetween(1_000, 1_000_001);

            lines.set(0);
            var patient = "for (let i = 0; i < 5000; i++) await nango.log('line ' + i, { level: 'error' }); return 1";
            assertThat(text(roomy.execute(action(environment, patient), host))).isEqualTo("1");
            assertThat(lines).hasValue(5_000);
        }
    }

    @Test
    void ten_thousand_calls_at_once_are_all_answered() throws Exception {
        try (var roomy = roomy()) {
            var asked = new AtomicInteger();
            var body =
                    "const all = await Promise.all(Array.from({ length: 10000 }, (_, i) => nango.get({ endpoint: '/' + i })));"
                            + " return all.length";

            assertThat(text(roomy.execute(action(newEnvironment(), body), okay(asked))))
                    .isEqualTo("10000");
            assertThat(asked.get()).isEqualTo(10_000);
        }
    }

    private static FunctionHost okay(AtomicInteger asked) {
        return answering(_ -> {
            asked.incrementAndGet();
            return Json.object();
        });
    }

    private static JsRuntime roomy() {
        return new JsRuntime(
                new FunctionHarness().with(WorkerLimits.ofHeap(512)).config());
    }

    private static FunctionHost hanging(CountDownLatch asked) {
        return answering(_ -> {
            asked.countDown();
            new CountDownLatch(1).await();
            return Json.object();
        });
    }
}
