package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The time limits of connections and requests, and the limits of what clients may use at a time. */
@Tag("slow")
@Timeout(300)
class LimitsTest {
    private static final String GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";

    private static final HttpLimits SHORT = new HttpLimits(
            Duration.ofMillis(400),
            Duration.ofMillis(900),
            Duration.ofMillis(400),
            1_000,
            1_000,
            100,
            20_000_000,
            Duration.ofMillis(100));

    private static HttpLimits room(int connections, int requests) {
        return new HttpLimits(
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                1,
                connections,
                requests,
                20_000_000,
                Duration.ofMillis(100));
    }

    @Test
    void unfinished_requests_and_silent_connections_are_closed_after_their_limit() throws IOException {
        try (var server = new EchoServer(SHORT)) {
            var clients = new ArrayList<RawClient>();
            for (int i = 0; i < 300; i++) {
                clients.add(server.connect().send("GET /x HTTP/1.1\r\nHost: a\r\nx: "));
            }
            for (int i = 0; i < 100; i++) {
                clients.add(server.connect());
            }

            for (var client : clients) {
                assertThat(client.ended()).isTrue();
                client.close();
            }
        }
    }

    @Test
    void a_head_that_arrives_too_slowly_ends_the_connection() throws IOException {
        try (var server = new EchoServer(SHORT);
                var client = server.connect().send(GET)) {
            client.reply();
            client.send("GET /x HTTP/1.1\r\nHost: a\r\nx: ");

            await().atMost(Duration.ofSeconds(90))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> refuses(client, "a"));
        }
    }

    private static boolean refuses(RawClient client, String more) {
        try {
            client.send(more);
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    @Test
    void an_idle_connection_is_kept_until_its_limit() throws IOException {
        try (var server = new EchoServer(SHORT);
                var client = server.connect().send(GET)) {
            client.reply();
            long since = System.nanoTime();

            assertThat(client.ended()).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThan(Duration.ofMillis(700));
        }
    }

    @Test
    void bodies_that_stop_or_arrive_too_slowly_are_answered_with_408() throws IOException {
        try (var server = new EchoServer(SHORT)) {
            for (var pieces : List.of(List.of("hel"), List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"))) {
                try (var client = server.connect().send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")) {
                    for (var piece : pieces) {
                        if (!client.isAnswered()) {
                            client.send(piece);
                            await().pollDelay(Duration.ofMillis(150)).until(() -> true);
                        }
                    }

                    var reply = client.reply();
                    assertThat(reply.status()).isEqualTo(408);
                    assertThat(reply.text()).contains("request_timeout");
                    assertThat(client.ended()).isTrue();
                }
            }
        }
    }

    @Test
    void a_handler_may_take_longer_than_clients_may() throws IOException {
        try (var server = new EchoServer(SHORT);
                var client = server.connect().send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")) {
            await().pollDelay(Duration.ofMillis(1_500)).until(() -> true);
            server.held.countDown();

            assertThat(client.reply().status()).isEqualTo(200);
            assertThat(client.kept()).isTrue();
        }
    }

    @Test
    void requests_beyond_the_limit_get_503_and_health_is_answered() throws IOException {
        try (var server = new EchoServer(room(100, 3))) {
            var busy = new ArrayList<RawClient>();
            for (int i = 0; i < 3; i++) {
                busy.add(server.connect().send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n"));
            }
            await().until(() -> ask(server, GET).status() == 503);

            var refused = ask(server, GET);
            assertThat(refused.text()).contains("\"overloaded\"");
            assertThat(refused.header("retry-after")).isEqualTo("5");
            assertThat(refused.header("connection")).isEqualTo("close");
            assertThat(ask(server, HEALTH).status()).isEqualTo(200);

            server.held.countDown();
            for (var client : busy) {
                assertThat(client.reply().status()).isEqualTo(200);
                client.close();
            }
            assertThat(ask(server, GET).status()).isEqualTo(200);
        }
    }

    @Test
    void connections_beyond_the_limit_get_503() throws IOException {
        try (var server = new EchoServer(room(5, 100))) {
            var open = new ArrayList<RawClient>();
            for (int i = 0; i < 5; i++) {
                open.add(server.connect().send(GET));
                assertThat(open.getLast().reply().status()).isEqualTo(200);
            }

            assertThat(ask(server, GET).status()).isEqualTo(503);
            assertThat(ask(server, HEALTH).status()).isEqualTo(200);
            assertThat(open.getFirst().kept()).isTrue();

            for (var client : open) {
                client.close();
            }
            await().until(() -> ask(server, GET).status() == 200);
        }
    }

    private static RawClient.Reply ask(EchoServer server, String request) throws IOException {
        try (var client = server.connect().send(request)) {
            return client.reply();
        }
    }

    @Test
    void large_bodies_are_read_one_after_another() throws IOException {
        // Room for one of them and a half.
        var limits = new HttpLimits(
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                1,
                100,
                100,
                12 * 900_000L,
                Duration.ofMillis(200));
        var head = "POST /size HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n";
        try (var server = new EchoServer(limits);
                var slow = server.connect().send(head + "[1,")) {
            await().until(() -> ask(server, head + "[").status() == 503);

            try (var second = server.connect().send(head)) {
                second.send("[" + "1,".repeat(449_999) + "]");
                var refused = second.reply();
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.text()).contains("\"overloaded\"");
                assertThat(refused.header("retry-after")).isEqualTo("5");
            }
            assertThat(ask(server, HEALTH).status()).isEqualTo(200);
            assertThat(ask(server, "POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n[1,2]")
                            .text())
                    .contains("2");

            slow.send("1,".repeat(449_997) + "1]  ");
            assertThat(slow.reply().text()).contains("449999");
            try (var third = server.connect().send(head + "[" + "1,".repeat(449_998) + "1]  ")) {
                assertThat(third.reply().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void refused_bodies_release_their_memory_budget() throws IOException {
        var limits = new HttpLimits(
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                1,
                100,
                100,
                8 * 900_000L,
                // The room of an answered request is given back a moment after its answer.
                Duration.ofSeconds(10));
        var random = new byte[900_000];
        try (var server = new EchoServer(limits)) {
            for (int i = 0; i < 3; i++) {
                assertThat(post(server, "/json", "gzip", random).status()).isEqualTo(400);
                assertThat(post(server, "/json", "br", random).status()).isEqualTo(415);
                assertThat(post(server, "/json", "identity", random).status()).isEqualTo(400);
                assertThat(post(server, "/x", "identity", random).status()).isEqualTo(200);
            }
        }
    }

    @Test
    void a_body_over_the_limit_is_refused_however_it_comes() throws IOException {
        try (var server = new EchoServer()) {
            var text = "[" + "1,".repeat(EchoServer.BODY_LIMIT) + "1]";
            var announced = "Content-Length: " + text.length() + "\r\n\r\n" + text;
            var chunked = "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(text.length()) + "\r\n" + text
                    + "\r\n0\r\n\r\n";
            for (var body : List.of(announced, chunked)) {
                try (var client = server.connect().send("POST /json HTTP/1.1\r\nHost: a\r\n" + body)) {
                    var reply = client.reply();

                    assertThat(reply.status()).isEqualTo(413);
                    assertThat(reply.text()).contains("request_too_large").contains("" + EchoServer.BODY_LIMIT);
                }
            }
            assertThat(post(server, "/json", "gzip", gzip(text)).status()).isEqualTo(413);
        }
    }

    private static RawClient.Reply post(EchoServer server, String path, String encoding, byte[] body)
            throws IOException {
        try (var client = server.connect()
                .send("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Encoding: " + encoding + "\r\nContent-Length: "
                        + body.length + "\r\n\r\n")
                .send(body)) {
            return client.reply();
        }
    }

    private static byte[] gzip(String text) throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
