package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The files of the Connect page, and what the token of a connect session opens for it. */
class ConnectPageTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    @BeforeAll
    static void integrate() {
        for (var key : new String[] {"one", "two"}) {
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", key));
        }
    }

    private static RawClient.Reply plain(String path) {
        return server.raw().send("GET", path, Map.of("Authorization", "none"), BodyPublishers.noBody());
    }

    private static RawClient session(String body) {
        var token = server.raw().post("/connect/sessions", body).json().at("/data/token");
        return server.raw().with(token.stringValue());
    }

    @Test
    void the_page_and_all_it_names_are_served_without_a_login() {
        var page = plain("/connect/?session_token=x");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors *")
                .doesNotContain("unsafe");
        assertThat(page.headers().firstValue("Referrer-Policy")).hasValue("strict-origin");
        int bytes = page.body().length;
        var named = Pattern.compile("(?:src|href)=\"(\\w+\\.\\w+)\"").matcher(page.text());
        while (named.find()) {
            var name = named.group(1);
            var file = plain("/connect/" + name);
            assertThat(file.status()).as(name).isEqualTo(200);
            bytes += file.body().length;
        }
        for (var name : List.of(
                "api.js",
                "dom.js",
                "fields.js",
                "form.js",
                "list.js",
                "login.js",
                "page.js",
                "texts.js",
                "theme.js",
                "view.js")) {
            var file = plain("/connect/" + name);
            assertThat(file.headers().firstValue("Content-Type").orElse("")).startsWith("text/javascript");
            bytes += file.body().length;
        }
        assertThat(bytes).isLessThan(100_000);
        assertThat(page.text()).doesNotContain(" style=", " onclick=");
    }

    @Test
    void the_address_without_a_slash_leads_to_the_page() {
        var reply = plain("/connect?session_token=t&lang=de");
        assertThat(reply.status()).isEqualTo(302);
        assertThat(reply.headers().firstValue("Location").orElse("")).endsWith("/connect/?session_token=t&lang=de");
    }

    @Test
    void a_session_sees_its_integrations_and_the_providers_and_nothing_else() {
        var one = session("{\"tags\":{},\"allowed_integrations\":[\"one\"]}");
        var all = session("{\"tags\":{}}");

        assertThat(one.get("/integrations").json().get("data")).hasSize(1);
        assertThat(all.get("/integrations").json().get("data")).hasSize(2);
        assertThat(one.get("/providers/unauthenticated").status()).isEqualTo(200);
        for (var path : new String[] {
            "/connections",
            "/integrations/one",
            "/environment/settings",
            "/environment-variables",
            "/cluster",
            "/records?model=A"
        }) {
            assertThat(one.get(path).status()).as(path).isEqualTo(403);
        }
        assertThat(server.raw()
                        .with("nango_connect_session_" + "0".repeat(64))
                        .get("/integrations")
                        .code())
                .isEqualTo("unknown_connect_session_token");
        assertThat(server.raw()
                        .with("nango_connect_session_x")
                        .get("/integrations")
                        .code())
                .isEqualTo("invalid_connect_session_token_format");
    }

    @Test
    void a_request_without_a_credential_is_told_what_is_missing() throws Exception {
        var request = HttpRequest.newBuilder(server.url().resolve("/integrations"));
        try (var http = HttpClient.newHttpClient()) {
            var none = http.send(request.build(), BodyHandlers.ofString());
            var tiny = http.send(request.copy().header("Authorization", "B").build(), BodyHandlers.ofString());

            assertThat(none.statusCode()).isEqualTo(401);
            assertThat(none.body()).contains("missing_auth_header");
            assertThat(tiny.statusCode()).isEqualTo(401);
            assertThat(tiny.body()).contains("invalid_secret_key_format");
        }
    }

    @Test
    void what_pages_tell_of_their_use_is_checked() {
        var token = server.raw()
                .post("/connect/sessions", "{\"tags\":{}}")
                .json()
                .at("/data/token")
                .stringValue();
        var good =
                "{\"token\":\"%s\",\"event\":\"view:list\",\"timestamp\":\"%s\",\"dimensions\":{\"integration\":\"one\"}}";

        assertThat(server.raw()
                        .post("/connect/telemetry", good.formatted(token, Instant.now()))
                        .status())
                .isEqualTo(204);
        for (var wrong : new String[] {
            good.formatted(token, "yesterday"),
            good.formatted(token, Instant.now().minusSeconds(8000)),
            good.formatted(token, Instant.now()).replace("view:list", "view:all"),
            good.formatted(token, Instant.now()).replace("dimensions", "more")
        }) {
            assertThat(server.raw().post("/connect/telemetry", wrong).code())
                    .as(wrong)
                    .isEqualTo("invalid_body");
        }
        assertThat(server.raw()
                        .post(
                                "/connect/telemetry",
                                good.formatted("nango_connect_session_" + "0".repeat(64), Instant.now()))
                        .status())
                .isEqualTo(401);
    }

    @Test
    void the_page_looks_as_the_environment_says() {
        server.raw()
                .patch(
                        "/environment/settings",
                        "{\"connect_ui\":{\"defaultTheme\":\"dark\",\"showWatermark\":false,\"theme\":{\"light\":{\"primary\":\"#135\"}}}}");
        var data = session("{\"tags\":{}}").get("/connect/session").json().get("data");
        assertThat(data.get("connectUISettings").toString())
                .isEqualTo("{\"theme\":{\"light\":{\"primary\":\"#135\"},\"dark\":{\"primary\":\"#00B2E3\"}},"
                        + "\"defaultTheme\":\"dark\",\"showWatermark\":false}");
    }
}
