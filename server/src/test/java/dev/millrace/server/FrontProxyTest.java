package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.server.http.Caller;
import dev.millrace.server.http.Http;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.PlainHttp;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.WebSocket;
import dev.millrace.server.network.Network;
import dev.millrace.server.testkit.FrontProxy;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Millrace behind the proxies that people use. Skipped for those that are not installed. */
@Tag("slow")
@Timeout(300)
class FrontProxyTest {
    private static final long LARGE = 100L * 1024 * 1024;

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final CountDownLatch MORE = new CountDownLatch(1);
    private static final PlainHttp PROVIDER = new PlainHttp(
            0,
            List.of(Route.any(
                    "/slow",
                    _ -> new Response.Streamed(200, Map.of("content-type", List.of("text/plain")), out -> {
                        out.write("first\n".getBytes(UTF_8));
                        out.flush();
                        try {
                            MORE.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        out.write("second\n".getBytes(UTF_8));
                    }))));
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** A server of the same kind with a larger limit and a WebSocket. */
    private static final Http OPEN = new Http(
            new HttpConfig("127.0.0.1", 0, 2 * LARGE, Duration.ofSeconds(1))
                    .withTrustedProxies(List.of(Network.parse("127.0.0.1"))),
            _ -> new Caller(1, new UUID(0, 1), "dev", "key", Set.of()),
            List.of(
                    new Route(
                            "POST",
                            "/upload",
                            List.of(),
                            true,
                            request -> Response.ok(Json.object().put("size", request.body().length))),
                    Route.get("/ready", _ -> Response.success()),
                    Route.get(
                            "/socket",
                            _ -> new Response.Upgraded(new WebSocket.Listener() {
                                @Override
                                public void opened(WebSocket socket) {}

                                @Override
                                public void text(WebSocket socket, String message) {
                                    socket.send(message + message);
                                }
                            })),
                    Route.get(
                            "/origin",
                            request -> Response.ok(Json.object()
                                    .put("client", request.origin().client().getHostAddress())
                                    .put("authority", request.origin().authority())
                                    .put("scheme", request.origin().scheme())))));

    @AfterAll
    static void stop() {
        MORE.countDown();
        OPEN.close();
        PROVIDER.close();
        CLIENT.close();
    }

    private static FrontProxy start(FrontProxy.Kind kind, boolean guided, int port) throws Exception {
        assumeTrue(kind.program().isPresent(), () -> kind + " is not installed (apt-get install nginx caddy haproxy)");
        return new FrontProxy(kind, guided, port);
    }

    private static URI uri(FrontProxy front, String path) {
        return URI.create("http://127.0.0.1:" + front.port() + path);
    }

    @ParameterizedTest
    @CsvSource({"NGINX,false", "NGINX,true", "CADDY,false", "CADDY,true", "HAPROXY,false", "HAPROXY,true"})
    void the_api_the_proxy_and_the_stream_of_records(FrontProxy.Kind kind, boolean guided) throws Exception {
        try (var front = start(kind, guided, server.url().getPort());
                var api = new RawClient(uri(front, ""), server.key())) {
            api.post("/integrations", """
                    {"provider":"private-api-bearer","unique_key":"crm","integration_config":{"baseUrl":"%s"}}""".formatted("http://127.0.0.1:" + PROVIDER.port()));
            api.post("/connections", """
                    {"provider_config_key":"crm","connection_id":"c1","credentials":{"type":"API_KEY","apiKey":"k"}}""");
            var text = "x".repeat(300_000);

            var written = api.post(
                    "/connections/metadata",
                    "{\"connection_id\":\"c1\",\"provider_config_key\":\"crm\",\"metadata\":{\"t\":\"" + text + "\"}}");
            assertThat(written.status()).as(written.toString()).isEqualTo(201);
            var read = api.get("/connections/c1?provider_config_key=crm");
            assertThat(read.json().at("/metadata/t").asString()).isEqualTo(text);
            assertThat(api.get("/nowhere").code()).isEqualTo("not_found");
            assertThat(firstLine(front, "/proxy/slow")).isEqualTo("first");
            assertThat(firstLine(front, "/records/stream?model=Contact")).isNotNull();
        }
    }

    /** What comes before the rest is there. */
    private static String firstLine(FrontProxy front, String path) throws Exception {
        var request = HttpRequest.newBuilder(uri(front, path))
                .header("Authorization", "Bearer " + server.key())
                .header("Provider-Config-Key", "crm")
                .header("Connection-Id", "c1");
        InputStream body =
                CLIENT.send(request.build(), BodyHandlers.ofInputStream()).body();
        try (var lines = new BufferedReader(new InputStreamReader(body, UTF_8))) {
            return lines.readLine();
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_upload_of_a_hundred_megabytes(FrontProxy.Kind kind) throws Exception {
        try (var front = start(kind, true, OPEN.port())) {
            var body = new byte[(int) LARGE];
            var request = HttpRequest.newBuilder(uri(front, "/upload")).POST(BodyPublishers.ofByteArray(body));

            var answer = CLIENT.send(request.build(), BodyHandlers.ofString());

            assertThat(answer.body()).isEqualTo("{\"size\":" + LARGE + "}");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_websocket(FrontProxy.Kind kind) throws Exception {
        try (var front = start(kind, true, OPEN.port())) {
            var heard = new LinkedBlockingQueue<String>();
            var socket = CLIENT.newWebSocketBuilder()
                    .buildAsync(
                            URI.create("ws://127.0.0.1:" + front.port() + "/socket"),
                            new java.net.http.WebSocket.Listener() {
                                @Override
                                public CompletionStage<?> onText(
                                        java.net.http.WebSocket from, CharSequence data, boolean last) {
                                    heard.add(data.toString());
                                    return java.net.http.WebSocket.Listener.super.onText(from, data, last);
                                }
                            })
                    .get(90, TimeUnit.SECONDS);

            socket.sendText("ab", true).get(90, TimeUnit.SECONDS);

            assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("abab");
            socket.abort();
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_server_knows_who_asked_and_for_what(FrontProxy.Kind kind) throws Exception {
        try (var front = start(kind, true, OPEN.port())) {
            // Caddy drops what the client says; the others add to it, and 127.0.0.1 is a trusted proxy itself here.
            var request = HttpRequest.newBuilder(uri(front, "/origin")).header("X-Forwarded-For", "203.0.113.7");

            var told = Json.parse(
                    CLIENT.send(request.build(), BodyHandlers.ofString()).body());

            assertThat(told.path("authority").asString()).isEqualTo("127.0.0.1:" + front.port());
            assertThat(told.path("scheme").asString()).isEqualTo("http");
            assertThat(told.path("client").asString()).isIn("127.0.0.1", "203.0.113.7");
        }
    }
}
