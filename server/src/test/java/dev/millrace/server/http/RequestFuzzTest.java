package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Requests that are almost right: no answer is a 500, none takes for ever, and others are answered as before. */
@Tag("slow")
class RequestFuzzTest {
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final HttpLimits SHORT = new HttpLimits(
            Duration.ofMillis(300),
            Duration.ofMillis(600),
            Duration.ofMillis(300),
            1_000,
            1_000,
            100,
            20_000_000,
            Duration.ofMillis(100));

    @SuppressWarnings("NullAway.Init") // start() comes first
    private static EchoServer server;

    @BeforeContainer
    static void start() {
        server = new EchoServer(SHORT);
    }

    @AfterContainer
    static void stop() {
        server.close();
    }

    /** A request by the grammar of RFC 9112, with odd choices at each of its rules. */
    @Provide
    Arbitrary<String> requests() {
        var line = Combinators.combine(
                        Arbitraries.of(
                                "GET", "POST", "PATCH", "HEAD", "OPTIONS", "get", "G\u00e9T", "", "CONNECT", "P OST"),
                        Arbitraries.of(" ", "  ", "\t", ""),
                        Arbitraries.of(
                                "/x",
                                "/json",
                                "/p/%2e%2e/x",
                                "/x?a=%zz",
                                "http://a/x",
                                "*",
                                "",
                                "/%",
                                "//",
                                "/x#f",
                                "a:1",
                                "/json?{}[]|\"<>",
                                "/\u00e9",
                                "/text/10",
                                "http://[::1",
                                "/p/%00"),
                        Arbitraries.of(
                                " HTTP/1.1", " HTTP/1.0", " HTTP/1.", " HTTP/2.0", "", " HTTP/1.1 ", " HTTP/9.9"))
                .as((method, space, target, version) -> method + space + target + version);
        var field = Arbitraries.of(
                "Host: a",
                "Host: a",
                "Host:",
                "Host: a:99999999",
                "Host: [::1",
                "Connection: close",
                "Connection: keep-alive",
                "Connection: Upgrade\r\nUpgrade: websocket",
                "Content-Length: 5",
                "Content-Length: 0",
                "Content-Length: 5, 5",
                "Content-Length: -1",
                "Content-Length: 1e3",
                "Transfer-Encoding: chunked",
                "Transfer-Encoding: chunked, chunked",
                "Transfer-Encoding: ,chunked",
                "Transfer-Encoding: \"chunked\"",
                "Content-Encoding: gzip",
                "Content-Encoding: deflate",
                "Content-Type: application/json",
                "Expect: 100-continue",
                "Expect: x",
                "If-None-Match: *",
                "If-None-Match: \"",
                "Accept-Encoding: gzip;q=x,;",
                "x: \u0000",
                "x: a\rb",
                " folded",
                ": nameless",
                "name",
                "n\u00e4me: 1",
                "Authorization: Bearer",
                "Trailer: T",
                "TE: trailers",
                "Cookie: ;=;");
        var body = Arbitraries.of(
                "",
                "hello",
                "[1]  ",
                "5\r\nhello\r\n0\r\n\r\n",
                "5;x=\"\r\n\"\r\nhello\r\n0\r\n\r\n",
                "5\r\nhell\r\n",
                "g\r\n",
                "0\r\nT: v\r\n\r\n",
                "0\r\nT\r\n\r\n",
                "00000000000000000005\r\nhello\r\n0\r\n\r\n",
                "-1\r\n\r\n",
                "7fffffff\r\nx",
                "\u001f\u008b\b\u0000",
                "x\u009c",
                "5\nhello\n0\n\n",
                "{",
                "[1,",
                "\u00ff\u00fe[");
        var end = Arbitraries.of("\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r");
        return Combinators.combine(line, field.list().ofMaxSize(5), body, end)
                .as((first, fields, content, eol) ->
                        first + eol + fields.stream().map(f -> f + eol).collect(Collectors.joining()) + eol + content);
    }

    /** The same with a few bytes changed, taken away or put in between. */
    @Provide
    Arbitrary<String> mutants() {
        var change = Combinators.combine(
                Arbitraries.integers().between(0, 400),
                Arbitraries.chars().range('\0', '\u00ff'),
                Arbitraries.integers().between(0, 2));
        return Combinators.combine(
                        requests(),
                        change.as((at, with, how) -> new int[] {at, with, how})
                                .list()
                                .ofMaxSize(4))
                .as((request, changes) -> {
                    var text = new StringBuilder(request);
                    for (var one : changes) {
                        int at = one[0] % text.length();
                        if (one[2] == 0) {
                            text.setCharAt(at, (char) one[1]);
                        } else if (one[2] == 1) {
                            text.insert(at, (char) one[1]);
                        } else if (text.length() > 1) {
                            text.deleteCharAt(at);
                        }
                    }
                    return text.toString();
                });
    }

    @Property(tries = 400)
    void requests_with_odd_parts(@ForAll("requests") String request) throws IOException {
        check(request);
    }

    @Property(tries = 400)
    void requests_with_wrong_bytes(@ForAll("mutants") String request) throws IOException {
        check(request);
    }

    private static void check(String request) throws IOException {
        long since = System.nanoTime();
        var statuses = new ArrayList<Integer>();
        try (var client = server.connect().send(request.getBytes(ISO_8859_1))) {
            client.finish();
            while (true) {
                statuses.add(client.reply(request.contains("HEAD")).status());
            }
        } catch (EOFException | SocketException _) {
            // The end of the connection.
        }

        assertThat(statuses).as(request).doesNotContain(500, 502, 503);
        assertThat(Duration.ofNanos(System.nanoTime() - since)).as(request).isLessThan(LONGEST);
        try (var other = server.connect()) {
            assertThat(other.kept()).isTrue();
        }
    }

    @Property(tries = 30)
    void requests_that_stop_anywhere_are_cut(@ForAll("requests") String request, @ForAll double part)
            throws IOException {
        int end = (int) (request.length() * Math.abs(part % 1));
        try (var client = server.connect().send(request.substring(0, end).getBytes(ISO_8859_1))) {
            long since = System.nanoTime();
            List<Integer> statuses = new ArrayList<>();
            try {
                while (true) {
                    statuses.add(client.reply(request.contains("HEAD")).status());
                }
            } catch (EOFException | SocketException _) {
                // The end of the connection.
            }

            assertThat(statuses).as(request).doesNotContain(500);
            assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(LONGEST);
        }
    }
}
