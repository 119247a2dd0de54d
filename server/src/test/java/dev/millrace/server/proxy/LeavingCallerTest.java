package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a call when the one who wants its answer goes away, or asks for more before it is there. */
@Tag("slow")
@Timeout(300)
class LeavingCallerTest {
    private static final int LONGEST_WAIT = 20_000;

    private static final ProxyServer SERVER =
            new ProxyServer(Samples.of(Samples.builtIn("unauthenticated"), "{}"), 1_000_000);

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    /** Speaks for the provider, by hand. */
    private record Provider(ServerSocket listening) implements AutoCloseable {
        static Provider open() throws IOException {
            return new Provider(new ServerSocket(0, 0, InetAddress.getLoopbackAddress()));
        }

        String request(String method, String path, String headers) {
            return method + ' ' + path
                    + " HTTP/1.1\r\nhost: x\r\nprovider-config-key: mock-none\r\nconnection-id: c1\r\n"
                    + "base-url-override: http://localhost:" + listening.getLocalPort() + "\r\n" + headers + "\r\n";
        }

        Socket accept() throws IOException {
            listening.setSoTimeout(LONGEST_WAIT);
            var socket = listening.accept();
            socket.setSoTimeout(LONGEST_WAIT);
            return socket;
        }

        @Override
        public void close() throws IOException {
            listening.close();
        }
    }

    private static Socket connect(String request) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), SERVER.http.port());
        socket.setSoTimeout(LONGEST_WAIT);
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        return socket;
    }

    /** Reads up to the end of the headers. */
    private static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("Ended after: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Whether the other end has closed the connection, or broken it off. */
    private static boolean ended(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException _) {
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n123",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n123\r\n",
                "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 10\r\n\r\n"
            })
    void a_provider_that_is_silent_sees_the_caller_leave(String begun) throws Exception {
        try (var provider = Provider.open()) {
            var caller = connect(provider.request("POST", "/proxy/x", "content-length: 4\r\n") + "body");
            try (var called = provider.accept()) {
                head(called.getInputStream());
                assertThat(called.getInputStream().readNBytes(4))
                        .asString(US_ASCII)
                        .isEqualTo("body");
                called.getOutputStream().write(begun.getBytes(US_ASCII));
                if (begun.contains("123")) {
                    head(caller.getInputStream());
                }

                caller.close();

                assertThat(ended(called)).as("the end").isTrue();
            }
        }
        assertThat(SERVER.http.awaitIdle(Duration.ofSeconds(30))).isTrue();
    }

    @Test
    void a_caller_may_ask_again_before_and_after_an_answer() throws Exception {
        try (var provider = Provider.open();
                var caller =
                        connect(provider.request("GET", "/proxy/1", "") + provider.request("GET", "/proxy/2", ""))) {
            var answers = caller.getInputStream();
            try (var called = provider.accept()) {
                for (int number = 1; number <= 3; number++) {
                    assertThat(head(called.getInputStream())).startsWith("GET /" + number + " ");
                    called.getOutputStream()
                            .write(("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n" + number).getBytes(US_ASCII));

                    assertThat(head(answers)).startsWith("HTTP/1.1 200 ");
                    assertThat(answers.read()).isEqualTo('0' + number);
                    if (number == 2) {
                        caller.getOutputStream()
                                .write(provider.request("GET", "/proxy/3", "").getBytes(US_ASCII));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"content-length: 10\r\n\r\n123", "transfer-encoding: chunked\r\n\r\n3\r\n123\r\n"})
    void a_caller_sees_that_an_answer_broke_off(String begun) throws Exception {
        try (var provider = Provider.open();
                var caller = connect(provider.request("GET", "/proxy/1", ""))) {
            try (var called = provider.accept()) {
                head(called.getInputStream());
                called.getOutputStream().write(("HTTP/1.1 200 OK\r\n" + begun).getBytes(US_ASCII));
                head(caller.getInputStream());
            }

            assertThat(caller.getInputStream().readAllBytes())
                    .asString(US_ASCII)
                    .doesNotContain("0\r\n\r\n");
        }
    }
}
