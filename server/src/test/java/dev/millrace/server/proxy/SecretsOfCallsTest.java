package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.outbound.Limits;
import dev.millrace.server.outbound.OutboundConfig;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** Sends every kind of credential through every kind of failure, and looks for it in all that is written. */
@Tag("slow")
@Timeout(300)
class SecretsOfCallsTest {
    /** In each there is something to encode. */
    private static final String SECRET = "s3cr/et+v\u00e4lue=";

    /** Parts of the secret, plain and in base64, and of what the provider makes up. */
    private static final String[] TELLTALES = {"s3cr", "czNjci9ld", "Njci9ldCt2w6Rs", "unknown-"};

    private static final OutboundConfig IMPATIENT = OutboundConfig.direct(true)
            .withLimits(new Limits(
                    Duration.ofSeconds(2), Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofSeconds(5)));
    private static final ProxyServer SERVER =
            new ProxyServer(Samples.of(Samples.builtIn("unauthenticated"), "{}"), 1_000_000, IMPATIENT);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ListAppender<ILoggingEvent> LOG = new ListAppender<>();
    private static final Logger OURS = (Logger) LoggerFactory.getLogger("dev.millrace");

    @BeforeAll
    static void listen() {
        LOG.start();
        OURS.setLevel(Level.TRACE);
        OURS.addAppender(LOG);
    }

    @AfterAll
    static void stop() {
        OURS.detachAppender(LOG);
        OURS.setLevel(null);
        CLIENT.shutdownNow();
        SERVER.close();
    }

    /** @param proxy what the definition says besides its base URL */
    record Kind(String name, String credentials, String proxy) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of(
                new Kind(
                        "API_KEY",
                        "\"apiKey\":\"%s\"",
                        "headers: {x-key: 'Token ${apiKey}', x-pair: '${base64(me:${apiKey})}'}"),
                new Kind("API_KEY", "\"apiKey\":\"%s\"", "query: {api_key: '${apiKey}'}"),
                new Kind("API_KEY", "\"apiKey\":\"%s\"", "body: {key: '${apiKey}'}"),
                new Kind("BASIC", "\"username\":\"somebody\",\"password\":\"%s\"", ""),
                new Kind("BASIC", "\"username\":\"%s\",\"password\":\"\"", ""),
                new Kind("OAUTH2", "\"access_token\":\"%s\",\"refresh_token\":\"r-%s\"", ""),
                new Kind("OAUTH2_CC", "\"token\":\"%s\",\"client_secret\":\"c-%s\"", ""),
                new Kind("OAUTH1", "\"oauth_token\":\"%s\",\"oauth_token_secret\":\"o-%s\"", ""),
                new Kind("TBA", "\"token_id\":\"id\",\"token_secret\":\"%s\"", ""),
                new Kind("JWT", "\"token\":\"%s\"", ""),
                new Kind("APP", "\"access_token\":\"%s\"", ""),
                new Kind("SIGNATURE", "\"token\":\"%s\"", ""),
                new Kind("TWO_STEP", "\"token\":\"%s\"", ""),
                new Kind("API_KEY", "\"apiKey\":\"%s\\n\"", "headers: {x-key: '${apiKey}'}"));
    }

    private static Target target(Kind kind, String base) {
        var definition = "test:\n    display_name: Test\n    auth_mode: " + kind.name() + "\n";
        if (kind.name().equals("OAUTH1") || kind.name().equals("OAUTH2")) {
            definition += "    authorization_url: https://h.example/a\n    token_url: https://h.example/t\n";
            definition += kind.name().equals("OAUTH1") ? "    request_url: https://h.example/r\n" : "";
        }
        definition += "    proxy:\n        base_url: " + base + "\n"
                + (kind.proxy().isEmpty() ? "" : "        " + kind.proxy() + "\n");
        var provider = kind.name().equals("API_KEY")
                ? Samples.provider(definition
                        + "    credentials: {apiKey: {type: string, title: Key, description: Key, secret: true}}\n")
                : Samples.builtIn("unauthenticated");
        var credentials =
                "{\"type\":\"" + kind.name() + "\"," + kind.credentials().replace("%s", SECRET) + "}";
        return new Target(
                provider,
                Credentials.parse(credentials),
                Samples.json("{\"accountId\":\"1\"}"),
                Samples.json("{}"),
                Samples.json("{}"),
                java.util.Optional.of("the-client"),
                java.util.Optional.of("client-" + SECRET));
    }

    private static String echoes() {
        var bytes = SECRET.getBytes(UTF_8);
        var percent = URLEncoder.encode(SECRET, UTF_8);
        return String.join(
                " | ",
                SECRET,
                percent,
                percent.toLowerCase(java.util.Locale.ROOT),
                SECRET.replace("/", "\\/").replace("\u00e4", "\\u00e4"),
                Base64.getEncoder().encodeToString(bytes),
                Base64.getUrlEncoder().encodeToString((SECRET + "\n").getBytes(UTF_8)),
                Base64.getEncoder().encodeToString(("me:" + SECRET).getBytes(UTF_8)),
                "api_key=unknown-1 Authorization: Token unknown-2 \"access_token\":\"unknown-3\"");
    }

    /** The ways to fail: each is the provider's answer and what follows it. */
    private static List<Map.Entry<String, String>> failures(String other) {
        var text = new String(echoes().getBytes(UTF_8), ISO_8859_1);
        var length = "Content-Length: " + text.length() + "\r\n\r\n" + text;
        return List.of(
                Map.entry("HTTP/1.1 401 No\r\nContent-Type: application/json\r\n" + length, "open"),
                Map.entry(
                        "HTTP/1.1 422 " + text + "\r\nx-echo: " + text + "\r\nset-cookie: " + text + "\r\n" + length,
                        "open"),
                Map.entry("HTTP/1.1 500 No\r\n\r\n" + text, "close"),
                Map.entry("HTTP/1.1 404 No\r\nContent-Encoding: gzip\r\n" + length, "open"),
                Map.entry("HTTP/1.1 404 No\r\nContent-Length: 9999\r\n\r\n" + text, "close"),
                Map.entry("HTTP/1.1 " + text + "\r\n\r\n", "open"),
                Map.entry(text + "\r\n\r\n", "close"),
                Map.entry("HTTP/1.1 200 OK\r\n" + text + "\r\n\r\n", "open"),
                Map.entry("HTTP/1.1 200 OK\r\nContent-Length: " + text + "\r\n\r\n", "open"),
                Map.entry("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + text + "\r\n\r\n", "open"),
                Map.entry("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + text + "\r\n", "open"),
                Map.entry("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "open"),
                Map.entry(
                        "HTTP/1.1 302 No\r\nContent-Length: 0\r\nLocation: " + other + "/?k="
                                + URLEncoder.encode(SECRET, UTF_8) + "\r\n\r\n",
                        "open"),
                Map.entry(
                        "HTTP/1.1 302 No\r\nContent-Length: 0\r\nLocation: http://10.0.0.1/" + text + "\r\n\r\n",
                        "open"),
                Map.entry(
                        "HTTP/1.1 302 No\r\nContent-Length: 0\r\nLocation: http://h:99999/" + text + "\r\n\r\n",
                        "open"),
                Map.entry("HTTP/1.1 302 No\r\nContent-Length: 0\r\nLocation: ftp://" + text + "\r\n\r\n", "open"),
                Map.entry("", "close"),
                Map.entry("", "reset"),
                Map.entry("", "open"));
    }

    private static String send(String base, String method, String... more) throws InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(SERVER.url() + "/proxy/x?a=1&access_token=unknown-4"))
                .header("provider-config-key", "mock-none")
                .header("connection-id", "c1")
                .header("base-url-override", base)
                .header("nango-proxy-authorization", "Custom unknown-5")
                .method(
                        method,
                        method.equals("GET")
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString("{\"a\":1}"))
                .header("content-type", "application/json");
        for (int i = 0; i < more.length; i += 2) {
            request.header(more[i], more[i + 1]);
        }
        try {
            var answer = CLIENT.send(request.build(), BodyHandlers.ofString());
            boolean ours =
                    answer.body().startsWith("{\"message\":") || answer.body().startsWith("{\"error\":");
            return ours ? answer.body() : "";
        } catch (IOException e) {
            return "";
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void no_secret_shows_in_what_is_written(Kind kind) throws Exception {
        var told = new ArrayList<String>();
        int before = SERVER.written("operation").size();
        int calls = 0;
        try (var other = new RawProvider()) {
            for (var failure : failures(other.url())) {
                try (var provider = new RawProvider().answers(failure.getKey(), failure.getValue())) {
                    SERVER.becomes(target(kind, provider.url()));
                    told.add(send(provider.url(), calls % 2 == 0 ? "GET" : "POST"));
                    calls++;
                }
            }
            SERVER.becomes(target(kind, "http://localhost:1"));
            told.add(send("http://localhost:1", "GET"));
            told.add(send(other.url() + "/" + URLEncoder.encode(SECRET, UTF_8) + "?x", "POST"));
            told.add(send("http://user:" + URLEncoder.encode(SECRET, UTF_8) + "@localhost:1", "GET"));
            calls += 3;
        }

        int expected = before + calls;
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(SERVER.written("operation"))
                        .hasSize(expected)
                        .noneMatch(row -> row.contains(",running,")));
        var server = LOG.list.stream()
                .map(event -> event.getFormattedMessage()
                        + (event.getThrowableProxy() == null
                                ? ""
                                : ThrowableProxyUtil.asString(event.getThrowableProxy())))
                .toList();
        Stream.of(told, SERVER.written("operation"), SERVER.written("log_line"), server)
                .flatMap(List::stream)
                .forEach(text -> assertThat(text).doesNotContainIgnoringCase(TELLTALES));
    }
}
