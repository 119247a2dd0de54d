package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.TestDatabase;
import dev.millrace.server.activity.Activity;
import dev.millrace.server.db.Database;
import dev.millrace.server.http.Caller;
import dev.millrace.server.http.Http;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ProxyRoutesTest {
    private final FakeProvider api = new FakeProvider();
    private final Outbound outbound = new Outbound(OutboundConfig.direct(true));
    private final Provider provider = Samples.builtIn("unauthenticated");
    private final Database db = TestDatabase.fresh();
    private final Activity activity = new Activity(db, "test", Clock.systemUTC());
    private final Http server = new Http(
            new HttpConfig("127.0.0.1", 0, 1_000_000, Duration.ofSeconds(1)),
            _ -> new Caller(1, new UUID(0, 1), "dev", "key", Set.of("environment:*")),
            new ProxyRoutes(
                            new Proxy(outbound, Clock.systemUTC(), new Random(1), _ -> {}),
                            this::target,
                            activity,
                            Clock.systemUTC())
                    .routes());
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        client.shutdownNow();
        server.close();
        activity.close();
        db.close();
        outbound.close();
        api.close();
    }

    private Supplier<Target> target(long environment, String integration, String connection) {
        if (!integration.equals("mock-none")) {
            throw TargetLookup.unknownIntegration();
        }
        if (!connection.equals("c1")) {
            throw TargetLookup.unknownConnection();
        }
        return () -> Samples.of(provider, "{}");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .header("provider-config-key", "mock-none")
                .header("connection-id", "c1")
                .header("base-url-override", api.url());
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private JsonNode json(HttpRequest.Builder request) throws IOException, InterruptedException {
        var answer = send(request);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Json.parse(answer.body());
    }

    @Test
    void passes_the_raw_query_and_the_prefixed_headers_alone() throws Exception {
        var told = json(request("/proxy/echo/a%2Fb/c%20d?x=1&x=2&y[]=3&z%5Ba%5D=4&e=&plus=a+b")
                .header("Nango-Proxy-X-Thing", "y")
                .header("x-plain", "dropped")
                .header("accept", "text/html"));

        assertThat(told.get("url").stringValue()).isEqualTo("/echo/a%2Fb/c%20d?x=1&x=2&y[]=3&z%5Ba%5D=4&e=&plus=a+b");
        assertThat(told.at("/headers/x-thing").stringValue()).isEqualTo("y");
        assertThat(told.at("/headers/accept").stringValue()).isEqualTo("application/json, text/plain, */*");
        assertThat(told.get("headers").propertyNames())
                .doesNotContain("x-plain", "connection-id", "content-type", "content-length");
    }

    @Test
    void bodies_arrive_as_they_were_sent() throws Exception {
        var exact = json(request("/proxy/echo")
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString("{\"b\":1.10,\"a\":12345678901234567890}")));
        var form = json(request("/proxy/echo")
                .header("content-type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("a=1&b=2")));
        var text = json(request("/proxy/echo")
                .header("content-type", "text/plain")
                .header("nango-proxy-content-type", "text/plain")
                .method("PATCH", BodyPublishers.ofString("text")));

        assertThat(exact.get("body").stringValue()).isEqualTo("{\"b\":1.10,\"a\":12345678901234567890}");
        assertThat(form.get("body").stringValue()).isEqualTo("a=1&b=2");
        assertThat(form.at("/headers/content-type").stringValue()).isEqualTo("application/x-www-form-urlencoded");
        assertThat(text.at("/headers/content-type").stringValue()).isEqualTo("text/plain");
        assertThat(text.get("method").stringValue()).isEqualTo("PATCH");
    }

    @Test
    void answers_keep_status_and_headers() throws Exception {
        var created = send(request("/proxy/status/201"));
        var failed = send(request("/proxy/status/503"));
        var none = send(request("/proxy/nocontent"));
        var echo = send(request("/proxy/x"));

        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(created.body()).isEqualTo("status 201");
        assertThat(failed.statusCode()).isEqualTo(503);
        assertThat(failed.headers().firstValue("retry-after")).contains("1");
        assertThat(none.statusCode()).isEqualTo(204);
        assertThat(echo.headers().allValues("x-up")).containsExactly("yes");
        assertThat(echo.headers().allValues("access-control-allow-origin")).containsExactly("*");
        assertThat(echo.headers().allValues("content-length")).hasSize(1);
    }

    @Test
    void head_and_the_bare_path_are_passed_on() throws Exception {
        var head = send(request("/proxy/echo").method("HEAD", BodyPublishers.noBody()));

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("content-type")).contains("application/json");
        assertThat(json(request("/proxy?a=1")).get("url").stringValue()).isEqualTo("/?a=1");
    }

    @Test
    void wrong_headers_are_refused_in_order() throws Exception {
        var missing = send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/proxy/echo")));
        var bad = send(request("/proxy/echo")
                .setHeader("base-url-override", "not a url")
                .header("retries", "many"));

        assertThat(missing.statusCode()).isEqualTo(400);
        assertThat(missing.body()).isEqualTo("""
                {"error":{"code":"invalid_headers","errors":[\
                {"code":"invalid_type","message":"Invalid input: expected string, received undefined","path":["provider-config-key"]},\
                {"code":"invalid_type","message":"Invalid input: expected string, received undefined","path":["connection-id"]}]}}""");
        assertThat(bad.body())
                .contains("{\"code\":\"invalid_union\",\"message\":\"Invalid input\",\"path\":[\"base-url-override\"]}")
                .contains("expected number, received NaN");
    }

    @Test
    void what_cannot_be_called_is_told_by_code() throws Exception {
        var integration = send(request("/proxy/echo").setHeader("provider-config-key", "nope"));
        var connection = send(request("/proxy/echo").setHeader("connection-id", "nope"));
        var base = send(request("/proxy/echo").setHeader("base-url-override", ""));
        var denied = send(request("/proxy/echo").setHeader("base-url-override", "http://10.0.0.1"));
        var refused = send(request("/proxy/echo").setHeader("base-url-override", "http://localhost:1"));

        assertThat(integration.statusCode()).isEqualTo(404);
        assertThat(integration.body()).contains("unknown_provider_config");
        assertThat(connection.statusCode()).isEqualTo(400);
        assertThat(connection.body()).contains("Failed to get connection");
        assertThat(base.body()).contains("unsupported_provider");
        assertThat(denied.statusCode()).isEqualTo(400);
        assertThat(denied.body()).contains("base_url_override_not_allowed");
        assertThat(refused.statusCode()).isEqualTo(500);
        assertThat(refused.body()).isEqualTo("""
                {"message":"connect ECONNREFUSED localhost:1","code":"ECONNREFUSED","method":"get"}""");
    }

    @Test
    void a_caller_that_leaves_ends_the_call_to_the_provider() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream()
                    .write(("GET /proxy/endless HTTP/1.1\r\nhost: x\r\nprovider-config-key: mock-none\r\n"
                                    + "connection-id: c1\r\nbase-url-override: " + api.url() + "\r\n\r\n")
                            .getBytes(UTF_8));
            InputStream in = socket.getInputStream();
            assertThat(in.readNBytes(50_000)).hasSize(50_000);
        }

        await().untilAsserted(() -> assertThat(api.brokenOff.getCount()).isZero());
    }
}
