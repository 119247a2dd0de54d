package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.outbound.BodyFailure;
import dev.millrace.server.outbound.Limits;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long a call may take, in each of its parts, and how soon it ends when it is not wanted any more. */
@Tag("slow")
@Timeout(300)
class TimeLimitsTest {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final Target target = Samples.of(Samples.builtIn("unauthenticated"), "{}");
    private final ServerSocket listening = listen();
    private final CountDownLatch left = new CountDownLatch(1);

    private static ServerSocket listen() {
        try {
            return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterEach
    void stop() throws IOException {
        listening.close();
    }

    /** Sends what is given, and then the rest again and again, until the caller leaves. */
    private void drip(String first, String rest, int millis) {
        Thread.ofVirtual().start(() -> {
            try (var socket = listening.accept()) {
                socket.getOutputStream().write(first.getBytes(US_ASCII));
                for (; ; ) {
                    socket.getOutputStream().write(rest.getBytes(US_ASCII));
                    Thread.sleep(millis);
                }
            } catch (IOException | InterruptedException _) {
                left.countDown();
            }
        });
    }

    private OutboundAnswer send(Outbound outbound) throws InterruptedException {
        return new Proxy(outbound, Clock.systemUTC(), new Random(1), _ -> {})
                .send(
                        Call.to("GET", "/x")
                                .baseUrlOverride("http://127.0.0.1:" + listening.getLocalPort())
                                .build(),
                        () -> target,
                        Observer.NONE);
    }

    private static Outbound limited(int connect, int firstByte, int betweenBytes, int whole) {
        return new Outbound(OutboundConfig.direct(true)
                .withLimits(new Limits(
                        Duration.ofMillis(connect),
                        Duration.ofMillis(firstByte),
                        Duration.ofMillis(betweenBytes),
                        Duration.ofMillis(whole))));
    }

    @Test
    void a_head_that_drips_is_given_up() throws Exception {
        drip("HTTP/1.1 200 OK\r\n", "x-a: 1\r\n", 20);
        try (var outbound = limited(5000, 400, 5000, 20_000)) {
            assertThatThrownBy(() -> send(outbound)).extracting("code").isEqualTo("ECONNABORTED");
            assertThat(left.await(90, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_body_that_drips_ends_with_the_call() throws Exception {
        drip(HEAD, "1\r\nx\r\n", 20);
        try (var outbound = limited(5000, 5000, 5000, 700);
                var answer = send(outbound)) {
            assertThatThrownBy(() -> answer.body().readAllBytes())
                    .isInstanceOfSatisfying(
                            BodyFailure.class,
                            broken -> assertThat(broken.failure().code()).isEqualTo("ECONNABORTED"));
            assertThat(left.await(90, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_body_that_stalls_is_given_up() throws Exception {
        drip(HEAD + "1\r\nx\r\n", "", 20_000);
        try (var outbound = limited(5000, 5000, 300, 20_000);
                var answer = send(outbound)) {
            assertThat(answer.body().read()).isEqualTo('x');
            assertThatThrownBy(() -> answer.body().read())
                    .isInstanceOfSatisfying(
                            BodyFailure.class,
                            broken -> assertThat(broken.failure().code()).isEqualTo("ECONNABORTED"));
        }
    }

    @Test
    void a_connection_that_does_not_come_about_is_given_up() throws Exception {
        var waiting = new ArrayList<Socket>();
        try (var outbound = limited(400, 5000, 5000, 20_000)) {
            while (waiting.size() < 16 && connects(waiting)) {
                // Until the queue of those who wait to be accepted is full.
            }
            assertThatThrownBy(() -> send(outbound))
                    .hasMessageStartingWith("connect ETIMEDOUT 127.0.0.1:")
                    .extracting("code")
                    .isEqualTo("ETIMEDOUT");
        } finally {
            for (var socket : waiting) {
                socket.close();
            }
        }
    }

    private boolean connects(List<Socket> waiting) throws IOException {
        var socket = new Socket();
        waiting.add(socket);
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort()), 300);
            return true;
        } catch (SocketTimeoutException _) {
            return false;
        }
    }

    @Test
    void closing_an_endless_answer_ends_it_at_once() throws Exception {
        drip(HEAD, "1000\r\n" + "x".repeat(0x1000) + "\r\n", 0);
        try (var outbound = new Outbound(OutboundConfig.direct(true))) {
            var answer = send(outbound);
            answer.body().readNBytes(10_000);
            long before = System.nanoTime();

            answer.close();

            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
            assertThat(left.await(90, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void an_interrupted_call_closes_its_connection() throws Exception {
        var accepted = new CountDownLatch(1);
        Thread.ofVirtual().start(() -> {
            try (var socket = listening.accept()) {
                accepted.countDown();
                while (socket.getInputStream().read() >= 0) {
                    // The request.
                }
            } catch (IOException _) {
                // Broken off, which is an end, too.
            }
            left.countDown();
        });
        try (var outbound = new Outbound(OutboundConfig.direct(true))) {
            var interrupted = new CountDownLatch(1);
            var calling = Thread.ofVirtual().start(() -> {
                try {
                    send(outbound).close();
                } catch (InterruptedException _) {
                    interrupted.countDown();
                }
            });
            assertThat(accepted.await(90, TimeUnit.SECONDS)).isTrue();

            calling.interrupt();

            assertThat(interrupted.await(90, TimeUnit.SECONDS)).isTrue();
            assertThat(left.await(90, TimeUnit.SECONDS)).isTrue();
        }
    }
}
