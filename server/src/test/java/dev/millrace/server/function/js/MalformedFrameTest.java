package dev.millrace.server.function.js;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.server.function.ScriptType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** What the server makes of bytes that no worker should send: the processes here are shells that write what a test says. */
@Tag("slow")
final class MalformedFrameTest {
    private static final Logger LOG = (Logger) LoggerFactory.getLogger(Worker.class);
    private static final byte[] READY = Frames.of(Frame.READY, 0, 0, "{}", "");
    private static final byte[] DONE = Frames.of(Frame.DONE, 1, 0, "{}", "\"fine\"");

    /** Bytes, and what the log says of them. */
    record Case(String name, byte[] bytes, String cause) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> malformed() {
        return List.of(
                new Case("short", ByteBuffer.allocate(16).putInt(12).array(), "a length of 12"),
                new Case("no length", new byte[4], "a length of 0"),
                new Case(
                        "longer than any",
                        ByteBuffer.allocate(4).putInt(Frame.LARGEST + 1).array(),
                        "a length of"),
                new Case("negative length", ByteBuffer.allocate(4).putInt(-1).array(), "a length of 4294967295"),
                new Case("text", "console.log('hello')\n".getBytes(UTF_8), "a length of"),
                new Case("head longer than its frame", Frames.withHeadLength(DONE, 9), "a head of 9 bytes"),
                new Case("negative head", Frames.withHeadLength(DONE, -1), "a head of 4294967295 bytes"),
                new Case("type of the server", Frames.of(Frame.RUN, 1, 0, "{}", ""), "type 1,"),
                new Case("no type", Frames.of(255, 1, 0, "{}", ""), "type 255,"),
                new Case("second READY", READY, "a second READY"),
                new Case("execution that was never started", Frames.of(Frame.DONE, 2, 0, "{}", ""), "execution 2"),
                new Case("negative execution", Frames.of(Frame.ENTER, -1, 0, "{}", ""), "execution 4294967295"),
                new Case("head that is no JSON", Frames.of(Frame.CALL, 1, 1, "{'m':", ""), "a head that is not"),
                new Case("head that is an array", Frames.of(Frame.FAILED, 1, 0, "[]", ""), "a head that is not"),
                new Case("head with more after it", Frames.of(Frame.NOTIFY, 1, 0, "{}{}", ""), "a head that is not"),
                new Case("heartbeat without a head", Frames.of(Frame.HEARTBEAT, 0, 0, "", ""), "a head that is not"),
                new Case("outcome whose head is no UTF-8", Frames.withByte(DONE, 18, 0xff), "a head that is not"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    @Timeout(300)
    void a_malformed_frame_ends_the_worker_and_says_so(Case sent) throws Exception {
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        LOG.addAppender(log);
        try (var shell = new Shell(READY, sent.bytes(), true)) {
            var failure = FunctionHarness.failed(shell.outcome());

            assertThat(failure.type()).isEqualTo("function_runtime_other");
            assertThat(failure.payload()).contains("The worker sent a malformed frame and was ended");
            assertThat(shell.hasEnded()).isTrue();
            assertThat(log.list)
                    .singleElement()
                    .satisfies(line -> assertThat(line.getFormattedMessage())
                            .startsWith("shell sent a malformed frame and was ended: ")
                            .contains(sent.cause()));
        } finally {
            LOG.detachAppender(log);
        }
    }

    @Test
    @Timeout(300)
    void good_frames_reach_the_caller() throws Exception {
        try (var shell = new Shell(READY, DONE, true)) {
            assertThat(FunctionHarness.text(shell.outcome())).isEqualTo("\"fine\"");
        }
    }

    @Test
    @Timeout(300)
    void a_frame_that_breaks_off_loses_the_execution() throws Exception {
        for (int length = 0; length < DONE.length; length++) {
            try (var shell = new Shell(READY, Frames.first(DONE, length), false)) {
                assertThat(FunctionHarness.failed(shell.outcome()).type()).isEqualTo("function_runtime_other");
            }
        }
    }

    @Test
    @Timeout(300)
    void another_first_frame_than_ready_is_no_start() throws Exception {
        for (var first : List.of(DONE, Frames.of(Frame.READY, 0, 0, "[]", ""), "listening".getBytes(UTF_8))) {
            try (var shell = new Shell(first, DONE, true)) {
                assertThat(shell.isReady()).isFalse();
                assertThat(shell.hasEnded()).isTrue();
            }
        }
    }

    /** Whatever comes, the caller hears an outcome, and the server knows that the process is gone. */
    @Property(tries = 250, shrinking = ShrinkingMode.OFF)
    void mutated_frames_never_keep_the_caller_waiting(@ForAll long seed) throws Exception {
        var random = new Random(seed);
        try (var shell = new Shell(READY, Frames.mutated(random), false)) {
            var outcome = shell.outcome();

            if (outcome instanceof Outcome.Failed failed) {
                assertThat(failed.type()).isNotEqualTo(Outcome.OVERRAN);
            }
            assertThat(shell.hasEnded()).isTrue();
        }
    }

    /** The frames of one execution, and damage to them. */
    private static final class Frames {
        static byte[] of(int type, int execution, int call, String head, String body) {
            var out = new ByteArrayOutputStream();
            try {
                new Frame(type, execution, call, head.getBytes(UTF_8), body.getBytes(UTF_8)).write(out);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return out.toByteArray();
        }

        private static byte[] conversation() {
            return concatenated(
                    of(Frame.HEARTBEAT, 0, 0, "{}", ""),
                    of(Frame.ENTER, 1, 0, "{}", ""),
                    of(Frame.NOTIFY, 1, 0, "{\"m\":\"log\",\"level\":\"info\",\"message\":\"a line\"}", "{}"),
                    of(Frame.CALL, 1, 1, "{\"m\":\"token\"}", ""),
                    of(Frame.CALL, 1, 2, "{\"m\":\"records.save\",\"model\":\"M\"}", "[{\"id\":\"1\"}]"),
                    of(Frame.CALL, 1, 3, "{\"m\":\"lock.acquire\",\"key\":\"k\",\"ttlMs\":5}", ""),
                    DONE);
        }

        static byte[] withHeadLength(byte[] frame, int length) {
            return ByteBuffer.wrap(frame.clone()).putInt(13, length).array();
        }

        static byte[] withByte(byte[] frame, int at, int value) {
            return ByteBuffer.wrap(frame.clone()).put(at, (byte) value).array();
        }

        static byte[] first(byte[] bytes, int length) {
            return Arrays.copyOf(bytes, length);
        }

        private static byte[] concatenated(byte[]... parts) {
            var out = new ByteArrayOutputStream();
            for (var part : parts) {
                out.writeBytes(part);
            }
            return out.toByteArray();
        }

        /** One to four times: a byte changed, bytes inserted, removed or repeated, or a number set to an extreme one. */
        static byte[] mutated(Random random) {
            var bytes = conversation();
            for (int times = 1 + random.nextInt(4); times > 0; times--) {
                bytes = mutated(bytes, random);
            }
            return bytes;
        }

        private static byte[] mutated(byte[] bytes, Random random) {
            int from = random.nextInt(bytes.length - 8);
            int to = from + 1 + random.nextInt(Math.min(40, bytes.length - from - 4));
            var piece = Arrays.copyOfRange(bytes, from, to);
            var before = first(bytes, from);
            var after = Arrays.copyOfRange(bytes, to, bytes.length);
            return switch (random.nextInt(5)) {
                case 0 -> withByte(bytes, from, random.nextInt(256));
                case 1 -> concatenated(before, after);
                case 2 -> concatenated(before, piece, piece, after);
                case 3 -> {
                    var noise = new byte[piece.length];
                    random.nextBytes(noise);
                    yield concatenated(before, noise, piece, after);
                }
                default -> {
                    int[] extremes = {0, 1, -1, 12, 13, 255, Integer.MAX_VALUE, Integer.MIN_VALUE, Frame.LARGEST};
                    yield ByteBuffer.wrap(bytes.clone())
                            .putInt(from, extremes[random.nextInt(extremes.length)])
                            .array();
                }
            };
        }
    }

    /** A process that writes some bytes at once and the others when it is given work. */
    private static final class Shell implements AutoCloseable {
        private final Path folder = Files.createTempDirectory("frames");
        private final Process process;
        private final Worker worker;
        private final boolean ready;
        private final CountDownLatch ended = new CountDownLatch(1);

        /** @param stays whether the process lives on after it has written all */
        Shell(byte[] first, byte[] then, boolean stays) throws Exception {
            var greeting = Files.write(folder.resolve("first"), first);
            var frames = Files.write(folder.resolve("then"), then);
            process = new ProcessBuilder(
                            "sh",
                            "-c",
                            "cat \"$1\"; head -c 1 >/dev/null; cat \"$2\"; " + (stays ? "exec cat >/dev/null" : ""),
                            "sh",
                            greeting.toString(),
                            frames.toString())
                    .start();
            var connection = new WorkerConnection(process, "shell");
            ready = connection.awaitReady(Duration.ofMinutes(1));
            worker = new Worker("shell", process, connection, new ErrorOutput(process, "shell"));
            worker.start(ended::countDown);
        }

        boolean isReady() {
            return ready;
        }

        Outcome outcome() throws InterruptedException {
            var request = new ExecutionRequest(
                    1,
                    new Script("fn", "int", "hash", "code", "0.71.0-zero"),
                    ScriptType.ACTION,
                    "{}",
                    Optional.empty(),
                    Optional.empty(),
                    "warn",
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(30));
            return worker.run(request, FunctionHarness.silent(), Pool.deadline(request.deadline()));
        }

        boolean hasEnded() throws InterruptedException {
            return ended.await(90, TimeUnit.SECONDS) && process.waitFor(90, TimeUnit.SECONDS);
        }

        @Override
        public void close() throws IOException {
            process.destroyForcibly();
            for (var file : List.of("first", "then")) {
                Files.delete(folder.resolve(file));
            }
            Files.delete(folder);
        }
    }
}
