package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** The requests of {@code http/requests.txt}, each with its outcome, and those that take more than one step. */
@Timeout(300)
class RequestTableTest {
    private static final EchoServer SERVER = new EchoServer();
    private static final Pattern REPEATED = Pattern.compile("\\{(.)\\*(\\d+)}");
    private static final Pattern BYTE = Pattern.compile("\\\\x([0-9a-f]{2})");

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private record Row(String name, byte[] sent, List<Integer> statuses, boolean kept, String told) {
        static Row of(String line) {
            var columns = line.split(" \\| ", -1);
            // A column may hold a bar of its own, but only with blanks around it would it be taken for the border.
            var outcome = columns[2].strip().split(" ");
            var statuses = Stream.of(outcome)
                    .limit(outcome.length - 1)
                    .map(Integer::valueOf)
                    .toList();
            return new Row(
                    columns[0].strip(),
                    bytes(columns[1].strip()),
                    statuses,
                    outcome[outcome.length - 1].equals("kept"),
                    columns.length > 3 ? columns[3].strip() : "");
        }

        private static byte[] bytes(String text) {
            var plain = text.replace("{GET}", "GET /x HTTP/1.1⏎Host: a⏎")
                    .replace("{POST}", "POST /x HTTP/1.1⏎Host: a⏎")
                    .replace("⏎", "\r\n")
                    .replace("␍", "\r")
                    .replace("␊", "\n")
                    .replace("␀", "\0");
            plain = REPEATED.matcher(plain)
                    .replaceAll(found -> found.group(1).repeat(Integer.parseInt(found.group(2))));
            return BYTE.matcher(plain)
                    .replaceAll(found -> String.valueOf((char) Integer.parseInt(found.group(1), 16)))
                    .getBytes(ISO_8859_1);
        }
    }

    private static List<Row> rows() {
        try (var file = RequestTableTest.class.getResourceAsStream("/http/requests.txt")) {
            return new String(file.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.endsWith("|") ? line + " " : line)
                    .map(Row::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TestFactory
    Stream<DynamicTest> the_table() {
        return rows().stream().map(row -> DynamicTest.dynamicTest(row.name(), () -> check(row)));
    }

    private static void check(Row row) throws IOException {
        try (var client = SERVER.connect().send(row.sent())) {
            var last = "";
            for (int status : row.statuses()) {
                var reply = client.reply(row.name().equals("HEAD"));
                last = reply.text();
                assertThat(reply.status()).as(last).isEqualTo(status);
            }

            assertThat(last)
                    .contains(Json.text(Json.object().put("t", row.told()))
                            .replace("{\"t\":\"", "")
                            .replace("\"}", ""));
            assertThat(client.kept()).as("kept").isEqualTo(row.kept());
        }
    }

    @Test
    void it_has_sixty_rows() {
        assertThat(rows()).hasSizeGreaterThan(60);
    }

    @Test
    void head_tells_the_length_and_sends_nothing() throws IOException {
        try (var client = SERVER.connect().send("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) {
            assertThat(Integer.parseInt(client.reply(true).header("content-length")))
                    .isPositive();
            assertThat(client.ended()).isTrue();
        }
    }

    @Test
    void a_body_comes_after_the_server_says_continue() throws IOException {
        try (var client = SERVER.connect()
                .send("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")) {
            assertThat(client.reply().status()).isEqualTo(100);

            client.send("hello");

            assertThat(client.reply().text()).contains("POST /x hello");
            assertThat(client.kept()).isTrue();
        }
    }

    @Test
    void who_may_not_send_its_body_is_not_asked_for_it() throws IOException {
        try (var client = SERVER.connect()
                .send("POST /nowhere HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")) {
            assertThat(client.reply().status()).isEqualTo(404);
        }
    }

    @Test
    void bodies_that_break_off() throws IOException {
        for (var body : List.of("Content-Length: 10\r\n\r\nhel", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel")) {
            try (var client = SERVER.connect().send("POST /x HTTP/1.1\r\nHost: a\r\n" + body)) {
                client.finish();

                assertThat(client.reply().status()).isEqualTo(400);
                assertThat(client.ended()).isTrue();
            }
        }
    }

    @Test
    void a_client_that_closed_its_output_gets_the_answer() throws IOException {
        try (var client = SERVER.connect().send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")) {
            client.finish();

            assertThat(client.reply().status()).isEqualTo(200);
        }
    }

    @Test
    void requests_in_small_pieces() throws Exception {
        var request =
                "\r\nPOST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nT: v\r\n\r\n";
        try (var client = SERVER.connect()) {
            for (int i = 0; i < request.length(); i++) {
                client.send(request.substring(i, i + 1));
                Thread.onSpinWait();
            }

            assertThat(client.reply().text()).contains("POST /x hello");
            assertThat(client.kept()).isTrue();
        }
    }

    @Test
    void an_unexpected_failure_has_an_id() throws IOException {
        try (var client = SERVER.connect().send("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")) {
            var reply = client.reply();

            assertThat(reply.status()).isEqualTo(500);
            assertThat(reply.text()).contains("generic_error_support").doesNotContain("on purpose");
            assertThat(client.kept()).isTrue();
        }
    }

    @Test
    void refusals_are_readable_across_origins() throws IOException {
        try (var client = SERVER.connect().send("GET /x HTTP/1.1\r\n\r\n")) {
            var reply = client.reply();

            assertThat(reply.header("content-type")).isEqualTo("application/json; charset=utf-8");
            assertThat(reply.header("access-control-allow-origin")).isEqualTo("*");
            assertThat(reply.header("connection")).isEqualTo("close");
        }
    }
}
