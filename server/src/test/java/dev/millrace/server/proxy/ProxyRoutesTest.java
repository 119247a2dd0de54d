package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.http.Json;
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
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@Tag("slow")
class ProxyRoutesTest {
    private final FakeProvider api = new FakeProvider();
    private final ProxyServer server = new ProxyServer(Samples.of(Samples.builtIn("unauthenticated"), "{}"), 1_000_000);
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        client.shutdownNow();
        server.close();
        api.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.url() + path))
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
    void the_verbs_of_dav_carry_xml() throws Exception {
        for (var verb : List.of("PROPFIND", "REPORT")) {
            var told = json(request("/proxy/echo")
                    .header("content-type", "application/xml")
                    .header("nango-proxy-content-type", "application/xml")
                    .method(verb, BodyPublishers.ofString("<prop/>")));
            var bare = json(request("/proxy/echo").method(verb, BodyPublishers.noBody()));

            assertThat(told.get("method").stringValue()).isEqualTo(verb);
            assertThat(told.get("body").stringValue()).isEqualTo("<prop/>");
            assertThat(told.at("/headers/content-type").stringValue()).isEqualTo("application/xml");
            assertThat(bare.get("headers").propertyNames()).doesNotContain("content-type", "content-length");
        }
    }

    @Test
    void multipart_is_sent_as_multipart_only() throws Exception {
        var refused = send(request("/proxy/echo")
                .header("content-type", "multipart/form-data; boundary=b1")
                .header("nango-proxy-content-type", "application/json")
                .POST(BodyPublishers.ofString("--b1--")));

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(Json.parse(refused.body()).at("/error/code").stringValue()).isEqualTo("invalid_body");
    }

    @Test
    void a_large_body_of_bytes_arrives_whole_also_after_a_redirect() throws Exception {
        var large = "0123456789abcdef".repeat(40_000);
        var told = json(request("/proxy/echo")
                .header("content-type", "application/octet-stream")
                .POST(BodyPublishers.ofString(large)));
        var again = json(request("/proxy/redirect/307?to=/echo")
                .header("content-type", "text/csv")
                .POST(BodyPublishers.ofString(large)));

        assertThat(told.get("body").stringValue()).isEqualTo(large);
        assertThat(again.get("body").stringValue()).isEqualTo(large);
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
    void a_form_becomes_json_and_json_a_form_when_the_caller_says_so() throws Exception {
        var asJson = json(request("/proxy/echo")
                .header("content-type", "application/x-www-form-urlencoded")
                .header("nango-proxy-content-type", "application/json")
                .POST(BodyPublishers.ofString("a=1&b[c]=x+y&b[d][]=2&b[d][]=3&e=4&e=5&f&g[]=6")));
        var asForm = json(request("/proxy/echo")
                .header("content-type", "application/json")
                .header("nango-proxy-content-type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("{\"a\":1,\"b\":{\"c\":\"x y\"}}")));

        assertThat(asJson.get("body").stringValue())
                .isEqualTo("{\"a\":\"1\",\"b\":{\"c\":\"x y\",\"d\":[\"2\",\"3\"]},\"e\":[\"4\",\"5\"],"
                        + "\"f\":\"\",\"g\":[\"6\"]}");
        assertThat(asJson.at("/headers/content-type").stringValue()).isEqualTo("application/json");
        assertThat(asForm.get("body").stringValue()).isEqualTo("a=1&b%5Bc%5D=x+y");
    }

    @Test
    void parts_keep_their_boundary_whatever_type_is_asked_for() throws Exception {
        var parts = "--b1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b1--\r\n";
        for (var wanted : List.of("multipart/form-data", "multipart/form-data; boundary=other")) {
            var told = json(request("/proxy/echo")
                    .header("content-type", "multipart/form-data; boundary=b1")
                    .header("nango-proxy-content-type", wanted)
                    .POST(BodyPublishers.ofString(parts)));

            assertThat(told.at("/headers/content-type").stringValue()).isEqualTo("multipart/form-data; boundary=b1");
            assertThat(told.get("body").stringValue()).isEqualTo(parts);
        }
    }

    @Test
    void a_hundred_megabytes_pass_through_byte_for_byte() throws Exception {
        var answer = client.send(request("/proxy/bytes").build(), BodyHandlers.ofInputStream());

        assertThat(answer.headers().firstValue("content-length")).contains("" + FakeProvider.MANY);
        assertThat(answer.headers().firstValue("x-hop"))
                .as("named by connection")
                .isEmpty();
        int at = 0;
        int wrong = 0;
        try (var in = answer.body()) {
            var buffer = new byte[64 * 1024];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                for (int i = 0; i < count; i++, at++) {
                    int inBlock = at % (256 * 1024);
                    wrong += buffer[i] == (byte) (inBlock + inBlock / 256) ? 0 : 1;
                }
            }
        }
        assertThat(at).isEqualTo(FakeProvider.MANY);
        assertThat(wrong).isZero();
    }

    @Test
    void an_unchanged_answer_has_no_body() throws Exception {
        var answer = send(request("/proxy/unchanged").header("nango-proxy-if-none-match", "\"1\""));

        assertThat(answer.statusCode()).isEqualTo(304);
        assertThat(answer.headers().firstValue("etag")).contains("\"1\"");
        assertThat(answer.body()).isEmpty();
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
        var missing = send(HttpRequest.newBuilder(URI.create(server.url() + "/proxy/echo")));
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
    void a_status_that_never_comes_may_be_named() throws Exception {
        var answer = send(request("/proxy/echo").header("retry-on", "418,99999999999"));

        assertThat(answer.statusCode()).isEqualTo(200);
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
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.http.port())) {
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
