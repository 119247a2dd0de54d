package dev.millrace.server.function.js;

import static dev.millrace.server.function.js.FunctionHarness.action;
import static dev.millrace.server.function.js.FunctionHarness.newEnvironment;
import static dev.millrace.server.function.js.FunctionHarness.silent;
import static dev.millrace.server.function.js.FunctionHarness.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.function.js.RuntimeConfig.WorkerLimits;
import dev.millrace.server.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What functions receive and send in one call, when that is much: neither side's memory may depend on it. */
@Tag("slow")
final class LargeBodiesTest {
    private static final int MEGABYTE = 1024 * 1024;

    private static JsRuntime runtime;

    @BeforeAll
    static void start() {
        runtime = new JsRuntime(
                new FunctionHarness().with(WorkerLimits.ofHeap(512)).config());
    }

    @AfterAll
    static void stop() throws Exception {
        runtime.close();
    }

    /** Bytes that count up, as many as are asked for; tells when it was closed. */
    private static final class Content extends InputStream {
        private final long length;
        private final AtomicLong passed;
        private final AtomicInteger closed;
        private final long breaksAt;
        private long at;

        Content(long length, long breaksAt, AtomicLong passed, AtomicInteger closed) {
            this.length = length;
            this.breaksAt = breaksAt;
            this.passed = passed;
            this.closed = closed;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] into, int from, int most) throws IOException {
            if (at >= breaksAt) {
                throw new IOException("connection reset");
            }
            int count = (int) Math.min(most, length - at);
            if (count <= 0) {
                return -1;
            }
            for (int i = 0; i < count; i++) {
                into[from + i] = (byte) ((at + i) % 251);
            }
            at += count;
            passed.addAndGet(count);
            return count;
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    private final AtomicLong passed = new AtomicLong();
    private final AtomicInteger closed = new AtomicInteger();

    private Content content(long length, long breaksAt) {
        return new Content(length, breaksAt, passed, closed);
    }

    /** Answers HTTP calls with the content, and others with how many bytes of it have been taken so far. */
    private FunctionHost sending(Supplier<Content> content) {
        return new TestHost() {
            @Override
            public HttpAnswer http(HttpCall call) {
                return ok(content.get());
            }

            @Override
            protected JsonNode answer(String call) {
                return Json.object().put("passed", passed.get());
            }
        };
    }

    private static String run(String body, FunctionHost host) throws InterruptedException {
        return text(runtime.execute(action(newEnvironment(), body), host));
    }

    @Test
    void an_answer_of_many_pieces_arrives_whole() throws Exception {
        long length = 37L * MEGABYTE + 11;

        var told = run("""
                const { data } = await nango.get({ endpoint: '/x', responseType: 'arraybuffer' });
                let wrong = 0;
                for (let i = 0; i < data.length; i++) if (data[i] !== i % 251) wrong++;
                return [data.length, wrong];""", sending(() -> content(length, Long.MAX_VALUE)));

        assertThat(told).isEqualTo("[" + length + ",0]");
        assertThat(closed).hasValue(1);
    }

    @Test
    void an_answer_without_end_fails_the_call_alone() throws Exception {
        var told = run("""
                const failure = await nango.get({ endpoint: '/x' }).catch((e) => e);
                return [failure.isAxiosError, failure.code, failure.message.split(' exceeded')[0]];""", sending(() -> content(Long.MAX_VALUE, Long.MAX_VALUE)));

        assertThat(told).isEqualTo("[true,\"ERR_BAD_RESPONSE\",\"maxContentLength size of 268435456\"]");
        assertThat(closed).hasValue(1);
    }

    @Test
    void an_answer_that_breaks_off_amid_fails_the_call_alone() throws Exception {
        var told = run("""
                const failure = await nango.get({ endpoint: '/x' }).catch((e) => e);
                return [failure.isAxiosError, failure.code, failure.message];""", sending(() -> content(Long.MAX_VALUE, 3L * MEGABYTE)));

        assertThat(told).isEqualTo("[true,\"ECONNRESET\",\"The answer broke off: connection reset\"]");
        assertThat(closed).hasValue(1);
    }

    @Test
    void a_worker_that_does_not_read_is_not_waited_for_in_memory() throws Exception {
        var told = run("""
                const calls = Array.from({ length: 6 }, () => nango.get({ endpoint: '/x', responseType: 'arraybuffer' }));
                await new Promise((go) => setTimeout(go, 20));
                for (const end = Date.now() + 3000; Date.now() < end; );
                const meanwhile = await nango.getConnection();
                const sizes = (await Promise.all(calls)).map(({ data }) => data.length);
                return { meanwhile: meanwhile.passed, sizes: [...new Set(sizes)] };""", sending(() -> content(60L * MEGABYTE, Long.MAX_VALUE)));

        assertThat(Json.parse(told).path("sizes").toString()).isEqualTo("[" + 60 * MEGABYTE + "]");
        assertThat(Json.parse(told).path("meanwhile").longValue())
                .as("of 360 MB no more than waits, what is on its way and what each call holds")
                .isLessThan(150L * MEGABYTE);
        assertThat(closed).hasValue(6);
    }

    @Test
    void a_body_without_end_or_of_too_many_bytes_is_refused() throws Exception {
        var told = run("""
                async function* endless() { const piece = Buffer.alloc(4e6); for (;;) yield piece; }
                const failures = [];
                for (const data of [endless(), 'x'.repeat(300e6)]) {
                  failures.push(await nango.post({ endpoint: '/x', data }).catch((e) => e));
                }
                return failures.map((e) => [e.isAxiosError, e.code, e.message]);""", silent());

        var refused = "[true,\"ERR_FR_MAX_BODY_LENGTH_EXCEEDED\",\"Request body larger than maxBodyLength limit: a"
                + " function can send at most 256 MB in one call. Send it in parts.\"]";
        assertThat(told).isEqualTo("[" + refused + "," + refused + "]");
    }

    @Test
    void bodies_wait_in_the_worker_while_the_platform_has_many() throws Exception {
        var held = new AtomicLong();
        var most = new AtomicLong();
        var sums = new AtomicLong();
        var first = new Semaphore(0);
        var host = new TestHost() {
            @Override
            public byte[] token() {
                // Nothing but the function's word says that all have been asked for.
                first.release(Integer.MAX_VALUE);
                return Json.bytes(Json.object());
            }

            @Override
            public HttpAnswer http(HttpCall call) throws InterruptedException {
                var body = call.body();
                most.accumulateAndGet(held.addAndGet(body.length), Math::max);
                first.acquire();
                sums.addAndGet(Arrays.hashCode(body));
                held.addAndGet(-body.length);
                return ok(InputStream.nullInputStream());
            }
        };

        var told = run("""
                const data = Buffer.alloc(3e6, 7);
                const calls = Array.from({ length: 60 }, () => nango.post({ endpoint: '/x', data }));
                calls.push(nango.post({ endpoint: '/large', data: Buffer.alloc(90e6) }));
                await new Promise((go) => setTimeout(go, 300));
                await nango.getToken();
                return (await Promise.all(calls)).length;""", host);

        var one = new byte[3_000_000];
        Arrays.fill(one, (byte) 7);
        assertThat(told).isEqualTo("61");
        assertThat(sums).hasValue(60L * Arrays.hashCode(one) + Arrays.hashCode(new byte[90_000_000]));
        assertThat(most.get()).isBetween(60_000_000L, 90_000_000L);
        assertThat(held).hasValue(0);
    }
}
