package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundConfig;
import dev.millrace.server.outbound.OutboundFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which headers of callers reach a provider, and what becomes of their bytes, both ways. */
@Timeout(300)
class HeaderBytesTest {
    private static final String ALL_BYTES = IntStream.concat(IntStream.range(0x21, 0x7f), IntStream.range(0xa0, 0x100))
            .mapToObj(Character::toString)
            .collect(Collectors.joining());

    private RawProvider provider;
    private final Outbound outbound = new Outbound(OutboundConfig.direct(true));
    private final Proxy proxy = new Proxy(outbound, Clock.systemUTC(), new Random(1), _ -> {});
    private final Target target = Samples.of(Samples.builtIn("unauthenticated"), "{}");

    @BeforeEach
    void start() throws IOException {
        provider = new RawProvider();
    }

    @AfterEach
    void stop() throws IOException {
        outbound.close();
        provider.close();
    }

    private OutboundAnswer send(Call.Builder call) throws InterruptedException {
        return proxy.send(call.baseUrlOverride(provider.url()).build(), () -> target, Observer.NONE);
    }

    private static Call.Builder post(Map<String, String> headers) {
        return Call.to("POST", "/x").headers(headers).body(new Body.Bytes("text/plain", "body".getBytes(US_ASCII)));
    }

    /** The header lines of a request, in lower case. */
    private List<String> lines(int request) {
        return provider.requests
                .get(request)
                .lines()
                .skip(1)
                .takeWhile(line -> !line.isEmpty())
                .map(line -> line.toLowerCase(java.util.Locale.ROOT))
                .toList();
    }

    @Test
    void framing_and_hop_by_hop_headers_are_not_forwarded() throws Exception {
        var headers = new HashMap<String, String>();
        for (var name : List.of(
                "Transfer-Encoding",
                "Content-Length",
                "Keep-Alive",
                "TE",
                "Trailer",
                "Upgrade",
                "Expect",
                "Host",
                "HTTP2-Settings",
                "Proxy-Authorization",
                "Proxy-Connection",
                "Proxy-Anything")) {
            headers.put(name, "chunked");
        }
        headers.put("Connection", "close, X-Named , upgrade");
        headers.put("x-named", "1");
        headers.put("x-kept", "1");

        send(post(headers)).close();

        assertThat(lines(0))
                .contains(
                        "content-length: 4",
                        "x-kept: 1",
                        "host: " + provider.url().substring("http://".length()))
                .noneMatch(
                        line -> line.contains("chunked") || line.startsWith("connection") || line.contains("x-named"))
                .filteredOn(line -> line.startsWith("content-length") || line.startsWith("host"))
                .hasSize(2);
        assertThat(provider.requests.getFirst()).endsWith("\r\n\r\nbody");
    }

    @Test
    void a_smuggled_request_reaches_no_provider() throws Exception {
        var planted = "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII);

        send(Call.to("POST", "/te")
                        .headers(Map.of("transfer-encoding", "chunked"))
                        .body(new Body.Bytes("application/octet-stream", planted)))
                .close();
        send(Call.to("GET", "/victim")).close();

        assertThat(provider.requests)
                .extracting(request -> request.lines().findFirst().orElseThrow())
                .containsExactly("POST /te HTTP/1.1", "GET /victim HTTP/1.1");
        assertThat(lines(0)).contains("content-length: " + planted.length);
    }

    @Test
    void values_keep_their_bytes_on_the_way_to_the_provider() throws Exception {
        send(Call.to("GET", "/x").headers(Map.of("x-all", ALL_BYTES, "x-utf8", latin("À bientôt ✓"))))
                .close();

        assertThat(provider.requests.getFirst())
                .contains("x-all: " + ALL_BYTES + "\r\n", "x-utf8: " + latin("À bientôt ✓") + "\r\n");
    }

    @Test
    void values_keep_their_bytes_on_the_way_back() throws Exception {
        provider.answers("HTTP/1.1 200 OK\r\nx-all: " + ALL_BYTES + "\r\nx-utf8: " + latin("À bientôt ✓")
                + "\r\nContent-Length: 0\r\n\r\n");

        try (var answer = send(Call.to("GET", "/x"))) {
            assertThat(answer.header("x-all")).contains(ALL_BYTES);
            assertThat(answer.header("x-utf8")).contains(latin("À bientôt ✓"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1\0002", "1\r2"})
    void line_breaks_and_nul_in_an_answer_become_spaces(String value) throws Exception {
        provider.answers("HTTP/1.1 200 OK\r\nx-a: " + value + "\r\nContent-Length: 0\r\n\r\n");

        try (var answer = send(Call.to("GET", "/x"))) {
            assertThat(answer.header("x-a").orElseThrow()).isEqualTo("1 2");
        }
    }

    /** The bytes of a text in UTF-8, each as a character: how headers carry it. */
    private static String latin(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"se\rcret", "se\ncret", "se\0cret", "secret\r\nx: y", "secret\n", "se\u001bcret", "secret\u20ac"
            })
    void a_value_that_cannot_be_sent_is_refused_and_not_shown(String value) {
        assertThatThrownBy(() -> send(Call.to("GET", "/x").headers(Map.of("x-key", value))))
                .isInstanceOfSatisfying(OutboundFailure.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(OutboundFailure.Kind.REFUSED);
                    assertThat(failure).hasMessageContaining("x-key").hasMessageNotContainingAny("secret", "se\r");
                });
        assertThat(provider.requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:b", "a\r\nb", "\u00e9", "(a)"})
    void a_name_that_is_none_is_refused(String name) {
        assertThatThrownBy(() -> send(Call.to("GET", "/x").headers(Map.of(name, "1"))))
                .isInstanceOf(OutboundFailure.class)
                .hasMessageStartingWith("A header cannot be sent");
    }

    @Test
    void content_length_is_sent_once_and_without_a_body_only_where_servers_require_it() throws Exception {
        for (var method : List.of("GET", "HEAD", "DELETE", "POST", "PUT", "PATCH")) {
            send(Call.to(method, "/x")).close();
        }

        var told = IntStream.range(0, 6)
                .mapToObj(i -> lines(i).contains("content-length: 0"))
                .toList();
        assertThat(told).containsExactly(false, false, false, true, true, true);
        assertThat(provider.connections())
                .as("one connection serves all but HEAD")
                .isLessThanOrEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD"})
    void a_read_is_sent_once_more_when_a_pooled_connection_is_closed(String method) throws Exception {
        provider.answers(RawProvider.USUAL).answers("", "close");
        send(Call.to("GET", "/1")).body().readAllBytes();

        send(Call.to(method, "/2")).close();

        assertThat(provider.requests).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
    void a_change_is_never_sent_again_when_the_provider_may_have_seen_it(String method) throws Exception {
        provider.answers(RawProvider.USUAL).answers("", "close");
        send(Call.to("GET", "/1")).body().readAllBytes();

        assertThatThrownBy(() -> send(Call.to(method, "/2"))).extracting("code").isEqualTo("ECONNRESET");

        assertThat(provider.requests).hasSize(2);
    }

    @Test
    void a_change_finds_another_connection_when_the_pooled_one_was_closed_while_it_rested() throws Exception {
        provider.answers(RawProvider.USUAL, "close");
        send(Call.to("GET", "/1")).body().readAllBytes();

        try (var answer = send(post(Map.of()))) {
            assertThat(answer.body().readAllBytes()).asString(US_ASCII).isEqualTo("next");
        }

        assertThat(provider.requests).hasSize(2);
        assertThat(provider.connections()).isEqualTo(2);
    }

    @Test
    void an_answer_before_the_body_has_come_counts() throws Exception {
        var large = new byte[8 * 1024 * 1024];
        try (var listening = new java.net.ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (var socket = listening.accept()) {
                    socket.getInputStream().readNBytes(1000);
                    socket.getOutputStream()
                            .write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
                                    .getBytes(US_ASCII));
                    socket.shutdownOutput();
                    socket.getInputStream().skipNBytes(1_000_000);
                } catch (IOException _) {
                    // The caller has gone.
                }
            });
            var call = Call.to("POST", "/x")
                    .baseUrlOverride("http://localhost:" + listening.getLocalPort())
                    .body(new Body.Bytes("application/octet-stream", large))
                    .build();

            try (var answer = proxy.send(call, () -> target, Observer.NONE)) {
                assertThat(answer.status()).isEqualTo(413);
            }
        }
    }

    @Test
    void a_user_in_the_address_is_sent_unless_the_call_authorizes_itself() throws Exception {
        var url = URI.create(provider.url());
        var base = "http://us%C3%A9r:p%40ss+@" + url.getAuthority();

        send(Call.to("GET", "/x").baseUrlOverride(base));
        proxy.send(Call.to("GET", "/1").baseUrlOverride(base).build(), () -> target, Observer.NONE)
                .close();
        proxy.send(
                        Call.to("GET", "/2")
                                .baseUrlOverride(base)
                                .headers(Map.of("authorization", "mine"))
                                .build(),
                        () -> target,
                        Observer.NONE)
                .close();

        assertThat(lines(1)).anyMatch(line -> line.startsWith("authorization: basic "));
        assertThat(provider.requests.get(1)).contains("Basic dXPDqXI6cEBzcys=");
        assertThat(lines(2)).contains("authorization: mine").noneMatch(line -> line.contains("basic"));
    }
}
