package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.LoginBrowser.Left;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins under attack: addresses that nobody was sent to, states and codes of others, values that lead elsewhere. */
class LoginAttackTest {
    private static final String DEFINITIONS = """
            plain:
                display_name: Plain
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: https://login.example/authorize
                token_url: @api/token
                proxy: {base_url: @api}
            site:
                display_name: Site
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: https://${connectionConfig.site}.login.example/authorize
                token_url: http://${connectionConfig.site}.localhost:@port/token
                proxy: {base_url: @api}
                connection_config:
                    site: {type: string, title: Site, description: Site}
            told:
                alias: plain
                token_response_metadata: [team.id]
                post_connection:
                    requests: [{endpoint: /me}]
                    connection_config: {account: '${step1.id}'}
            late:
                alias: plain
                token_url: '@api/${connectionConfig.cluster}/${connectionConfig.region}/token'
                token_params: {audience: '${connectionConfig.audience}'}
                redirect_uri_metadata: [region]
                connection_config:
                    cluster: {type: string, title: Cluster, description: Cluster}
                    audience: {type: string, title: Audience, description: Audience}
            preset:
                alias: site
                integration_config:
                    site: {type: string, title: Site, description: Site}
            """;

    private static final int ROUNDS = 400;
    private static final List<String> NAMES = List.of(
            "state",
            "code",
            "payload",
            "customField",
            "error",
            "error_description",
            "installation_id",
            "setup_action",
            "oauth_token",
            "oauth_verifier",
            "iss",
            "redirect_uri",
            "state[]",
            "code[a]");

    @TempDir
    static Path folder;

    private static ScriptedApi api;
    private static TestServer server;
    private static LoginBrowser browser;

    @BeforeAll
    static void start() throws IOException {
        api = new ScriptedApi();
        var text = DEFINITIONS
                .replace("@api", api.url())
                .replace("@port", String.valueOf(URI.create(api.url()).getPort()));
        server = TestServer.with(List.of(Files.writeString(folder.resolve("providers.yaml"), text)));
        browser = new LoginBrowser(server);
        for (var name : List.of("plain", "site", "told", "late")) {
            server.client()
                    .createIntegration(Map.of(
                            "provider",
                            name,
                            "unique_key",
                            name,
                            "credentials",
                            Map.of("type", "OAUTH2", "client_id", "id-1", "client_secret", "top-secret-1")));
        }
    }

    @AfterAll
    static void stop() {
        browser.close();
        server.close();
        api.close();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static int connections() {
        return server.raw().get("/connections").json().get("connections").size();
    }

    @Test
    void random_callbacks_connect_nothing_and_break_nothing() {
        api.answers(_ -> Given.json(200, "{\"access_token\":\"t\"}"));
        int before = connections();
        var left = Left.of(browser.begin("plain", ""));
        var random = new Random(11);
        var values = List.of(
                "",
                "1",
                "install",
                "update",
                "request",
                "\u0000",
                "\uFFFF",
                "<script>alert(1)</script>",
                "'\"--",
                "https://evil.example/",
                "../../x",
                "%",
                "a".repeat(5_000),
                left.state().toUpperCase(java.util.Locale.ROOT),
                left.state().substring(1),
                left.state() + "0");
        for (int i = 0; i < ROUNDS; i++) {
            var query = new StringBuilder();
            for (int n = random.nextInt(6); n >= 0; n--) {
                query.append(query.isEmpty() ? '?' : '&')
                        .append(encoded(NAMES.get(random.nextInt(NAMES.size()))))
                        .append('=')
                        .append(encoded(values.get(random.nextInt(values.size()))));
            }
            var path = (random.nextBoolean() ? "/oauth/callback" : "/app-auth/connect") + query;
            var reply = browser.get(path, random.nextBoolean() ? left.cookie() : null);
            assertThat(reply.status()).as(path).isIn(200, 302, 400, 404, 414, 431);
            assertThat(reply.text()).as(path).doesNotContain("<script>alert");
            assertThat(reply.headers().firstValue("Location").orElse(""))
                    .as(path)
                    .doesNotContain("evil.example");
        }
        assertThat(api.asked()).isEmpty();
        assertThat(connections()).isEqualTo(before);
        assertThat(browser.get("/oauth/callback?code=c&state=" + left.state(), left.cookie())
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_state_is_good_once_also_for_many_at_the_same_time() throws InterruptedException {
        api.answers(_ -> Given.json(200, "{\"access_token\":\"t\"}"));
        var left = Left.of(browser.begin("plain", ""));
        var results = new java.util.concurrent.CopyOnWriteArrayList<Integer>();
        var threads = java.util.stream.IntStream.range(0, 12)
                .mapToObj(_ -> Thread.ofVirtual()
                        .start(() ->
                                results.add(browser.get("/oauth/callback?code=c&state=" + left.state(), left.cookie())
                                        .status())))
                .toList();
        for (var thread : threads) {
            thread.join();
        }
        assertThat(results.stream().filter(status -> status == 200)).hasSize(1);
        assertThat(api.asked()).hasSize(1);
    }

    @Test
    void the_cookie_of_a_login_is_out_of_reach_for_scripts_and_other_sites() {
        var reply = browser.begin("plain", "");
        var cookie = reply.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie)
                .contains("; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=3600")
                .doesNotContain("Domain");
        assertThat(reply.headers().firstValue("Cache-Control")).hasValue("no-store");
    }

    @Test
    void pages_of_logins_cannot_be_framed_or_read_by_the_next_site() {
        var left = Left.of(browser.begin("plain", ""));
        for (var path : List.of(
                "/oauth/callback?state=x",
                "/app-auth/connect?state=x",
                "/oauth/callback?error=e&state=" + left.state())) {
            var headers = browser.get(path, left.cookie()).headers();
            assertThat(headers.firstValue("Content-Security-Policy").orElse(""))
                    .as(path)
                    .contains("frame-ancestors 'none'", "default-src 'none'", "form-action 'none'");
            assertThat(headers.firstValue("Referrer-Policy")).as(path).hasValue("no-referrer");
            assertThat(headers.firstValue("X-Content-Type-Options")).as(path).hasValue("nosniff");
        }
    }

    @Test
    void an_app_that_was_installed_elsewhere_leads_back_and_nowhere_else() {
        var path = "/oauth/callback?installation_id=1&setup_action=install";
        var http = new RawClient(URI.create("http://localhost:" + server.url().getPort()), "none");
        try (http) {
            for (var from : List.of("http://plain.example/", "javascript:alert(1)", "//evil.example", "")) {
                var reply = http.send(
                        "GET",
                        path,
                        Map.of("Authorization", "none", "Referer", from),
                        java.net.http.HttpRequest.BodyPublishers.noBody());
                assertThat(reply.status()).as(from).isEqualTo(200);
            }
            var reply = http.send(
                    "GET",
                    path,
                    Map.of("Authorization", "none", "Referer", "https://github.example/settings"),
                    java.net.http.HttpRequest.BodyPublishers.noBody());
            assertThat(reply.headers().firstValue("Location")).hasValue("https://github.example/settings");
        }
    }

    /** With such a value the client secret would leave for another host. */
    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example/", "evil.example?", "evil.example#", "x@evil.example", "evil.example\\", "a b", ""
            })
    void a_value_of_the_person_cannot_change_the_host(String site) {
        var reply = browser.begin("site", "&params[site]=" + encoded(site));
        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.text()).contains("url_param_err");
    }

    @Test
    void a_session_of_another_environment_reaches_nothing_here() {
        var account = server.raw().with(server.accountKey());
        var uuid = account.post("/environments", "{\"name\":\"other\"}")
                .json()
                .at("/data/uuid")
                .stringValue();
        var key = account.post("/environments/" + uuid + "/api-keys", "{\"display_name\":\"k\"}");
        var other = server.raw().with(key.json().at("/data/secret").stringValue());
        var token = other.post("/connect/sessions", "{\"end_user\":{\"id\":\"u\"}}")
                .json()
                .at("/data/token")
                .stringValue();
        var reply = browser.get("/oauth/connect/plain?connect_session_token=" + token, null);
        assertThat(reply.text()).contains("unknown_config_key");

        // The state of a login belongs to its environment, whatever the browser that comes back adds.
        api.answers(_ -> Given.json(200, "{\"access_token\":\"t\"}"));
        var left = Left.of(browser.begin("plain", ""));
        var back = browser.get(
                "/oauth/callback?code=c&state=" + left.state() + "&connect_session_token=" + token, left.cookie());
        assertThat(back.status()).isEqualTo(200);
        assertThat(other.get("/connections").json().get("connections")).isEmpty();
    }

    @Test
    void the_browser_cannot_replace_a_host_that_the_integration_has_set() {
        server.client()
                .createIntegration(Map.of(
                        "provider",
                        "preset",
                        "unique_key",
                        "preset",
                        "credentials",
                        Map.of("type", "OAUTH2", "client_id", "id-1", "client_secret", "top-secret-1"),
                        "integration_config",
                        Map.of("site", "ours")));

        var left = Left.of(browser.begin("preset", "&params[site]=theirs"));

        assertThat(left.location().getHost()).isEqualTo("ours.login.example");
        assertThat(server.raw().get("/integrations/preset").json().at("/data/preconfigured_connection_config"))
                .as("forms leave out what is set")
                .hasToString("[\"site\"]");
    }

    @Test
    void a_code_that_was_used_is_the_providers_to_refuse_and_leaves_nothing() {
        api.answers(one -> api.asked().size() > 1
                ? Given.json(400, "{\"error\":\"invalid_grant\"}")
                : Given.json(200, "{\"access_token\":\"t\"}"));
        var first = Left.of(browser.begin("plain", ""));
        var second = Left.of(browser.begin("plain", ""));
        assertThat(browser.get("/oauth/callback?code=same&state=" + first.state(), first.cookie())
                        .status())
                .isEqualTo(200);
        int before = connections();
        var again = browser.get("/oauth/callback?code=same&state=" + second.state(), second.cookie());
        assertThat(again.text()).contains("invalid_grant");
        assertThat(connections()).isEqualTo(before);
    }

    /** Webhooks of the provider are handed to the connection with the account's id, so customers must not choose it. */
    @Test
    void a_value_that_the_provider_tells_cannot_be_chosen_by_the_browser() {
        api.answers(_ -> Given.json(200, "{\"access_token\":\"t\",\"refresh_token\":\"r\",\"team\":{\"id\":\"own\"}}"));
        var chosen = "&params[team.id]=victim&params[account]=victim&params[kept]=yes";
        var left = Left.of(browser.begin("told", chosen));
        assertThat(browser.get("/oauth/callback?code=c&state=" + left.state(), left.cookie())
                        .status())
                .isEqualTo(200);
        await().until(() -> api.asked().stream().anyMatch(one -> one.path().equals("/me")));
        assertThat(browser.onlyConnection("told").get("connection_config").toString())
                .isEqualTo("{\"kept\":\"yes\",\"team.id\":\"own\"}");
    }

    @Test
    void a_login_ends_with_its_session_and_begins_only_if_it_can_be_finished() {
        var token = browser.session("{\"end_user\":{\"id\":\"u1\"}}");
        var left = Left.of(browser.get("/oauth/connect/plain?connect_session_token=" + token, null));
        assertThat(server.raw().with(token).delete("/connect/session").status()).isEqualTo(204);
        api.answers(_ -> Given.json(200, "{\"access_token\":\"t\"}"));
        int before = connections();
        var back = browser.get("/oauth/callback?code=c&state=" + left.state(), left.cookie());
        assertThat(back.status()).isEqualTo(400);
        assertThat(back.text()).contains("session was ended");
        assertThat(api.asked()).isEmpty();
        assertThat(connections()).isEqualTo(before);

        assertThat(browser.begin("late", "").text()).contains("url_param_err", "token_url");
        assertThat(browser.begin("late", "&params[cluster]=eu").text()).contains("url_param_err", "token_params");
        assertThat(browser.begin("late", "&params[cluster]=eu&params[audience]=a")
                        .status())
                .isEqualTo(302);
    }
}
