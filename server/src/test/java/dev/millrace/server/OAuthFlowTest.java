package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** OAuth 2 in a popup: to the provider, back with a code, the page and the WebSocket that tell how it went. */
class OAuthFlowTest {
    private static final String DEFINITIONS = """
            plain:
                display_name: Plain
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: https://login.example/authorize?lost=1
                token_url: @api/token
                authorization_params: {access_type: offline, prompt: consent}
                token_params: {grant_type: authorization_code}
                redirect_uri_metadata: [realmId]
                token_response_metadata: [account.id]
                proxy: {base_url: @api}
            tenant:
                display_name: Tenant
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: https://${connectionConfig.site}.login.example/authorize
                token_url: @api/${connectionConfig.site}/token
                authorization_method: header
                disable_pkce: true
                scope_separator: ','
                authorization_url_fragment: start
                authorization_url_skip_encode: [scopes]
                authorization_url_replacements: {'client_id': 'app'}
                authorization_code_param_in_callback: ticket
                body_format: json
                proxy: {base_url: @api}
                connection_config:
                    site: {type: string, title: Site, description: Site}
            key:
                display_name: Key
                docs: https://docs.example
                auth_mode: API_KEY
                proxy: {base_url: @api, headers: {x-api-key: '${apiKey}'}}
                credentials:
                    apiKey: {type: string, title: Key, description: Key}
            """;

    @TempDir
    static Path folder;

    private static ScriptedApi api;
    private static TestServer server;
    /** As a browser reaches the server: by the host of its public address. */
    private static LoginBrowser browser;

    @BeforeAll
    static void start() throws IOException {
        api = new ScriptedApi();
        var file = Files.writeString(folder.resolve("providers.yaml"), DEFINITIONS.replace("@api", api.url()));
        server = TestServer.with(List.of(file));
        browser = new LoginBrowser(server);
        for (var name : List.of("plain", "tenant")) {
            server.client()
                    .createIntegration(Map.of(
                            "provider",
                            name,
                            "unique_key",
                            name,
                            "credentials",
                            Map.of(
                                    "type",
                                    "OAUTH2",
                                    "client_id",
                                    "id-1",
                                    "client_secret",
                                    "s e:cret",
                                    "scopes",
                                    "read,write")));
        }
        server.client().createIntegration(Map.of("provider", "key", "unique_key", "key"));
    }

    @AfterAll
    static void stop() {
        browser.close();
        server.close();
        api.close();
    }

    private static Reply get(String path, @Nullable String cookie) {
        return browser.get(path, cookie);
    }

    private static Reply begin(String integration, String query) {
        return browser.begin(integration, query);
    }

    private static Given token(String extra) {
        return Given.json(
                200,
                "{\"access_token\":\"at-1\",\"refresh_token\":\"rt-1\",\"expires_in\":3600,\"account\":{\"id\":\"a-9\"}"
                        + extra + "}");
    }

    private static JsonNode onlyConnection(String integration) {
        return browser.onlyConnection(integration);
    }

    @Test
    void a_person_authorises_and_is_connected() throws Exception {
        var asked = new CopyOnWriteArrayList<Asked>();
        api.answers(one -> {
            asked.add(one);
            return token("");
        });
        try (var page = browser.page()) {
            var left = LoginBrowser.Left.of(begin("plain", "&params[kept]=yes&ws_client_id=" + page.id()));

            assertThat(left.location().toString()).startsWith("https://login.example/authorize?response_type=code&");
            assertThat(left.query())
                    .containsEntry("client_id", "id-1")
                    .containsEntry(
                            "redirect_uri", "http://localhost:" + server.url().getPort() + "/oauth/callback")
                    .containsEntry("state", left.state())
                    .containsEntry("scope", "read write")
                    .containsEntry("access_type", "offline")
                    .containsEntry("code_challenge_method", "S256")
                    .doesNotContainKey("lost");
            assertThat(left.state()).matches("[0-9a-f]{32}");
            assertThat(left.cookie()).isEqualTo("oauth2-" + left.state() + "=1");

            var back = get("/oauth/callback?state=" + left.state() + "&code=c%201&realmId=r7", left.cookie());

            assertThat(back.status()).as(back.text()).isEqualTo(200);
            assertThat(back.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
            assertThat(back.text()).contains("nango_oauth_callback_success");
            var form = LoginBrowser.pairs(asked.getFirst().text());
            assertThat(form)
                    .containsEntry("grant_type", "authorization_code")
                    .containsEntry("code", "c 1")
                    .containsEntry("client_id", "id-1")
                    .containsEntry("client_secret", "s e:cret");
            var verifier = form.get("code_verifier");
            assertThat(verifier).matches("[0-9a-f]{48}");
            assertThat(left.query()).containsEntry("code_challenge", challenge(verifier));

            var connection = onlyConnection("plain");
            assertThat(page.outcome().toString())
                    .isEqualTo("{\"message_type\":\"success\",\"provider_config_key\":\"plain\",\"connection_id\":\""
                            + connection.get("connection_id").stringValue() + "\",\"is_pending\":false}");
            assertThat(connection.at("/credentials/access_token").stringValue()).isEqualTo("at-1");
            assertThat(connection.at("/credentials/refresh_token").stringValue())
                    .isEqualTo("rt-1");
            assertThat(connection.get("connection_config"))
                    .isEqualTo(RawClient.JSON.readTree("{\"account.id\":\"a-9\",\"realmId\":\"r7\",\"kept\":\"yes\"}"));
            assertThat(connection.at("/end_user/id").stringValue()).isEqualTo("u1");
        }
    }

    private static String challenge(@Nullable String verifier) throws Exception {
        var digest = MessageDigest.getInstance("SHA-256")
                .digest(String.valueOf(verifier).getBytes(UTF_8));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    }

    @Test
    void a_definition_shapes_the_address_and_the_token_call() {
        var asked = new CopyOnWriteArrayList<Asked>();
        api.answers(one -> {
            asked.add(one);
            return token("");
        });

        var left = LoginBrowser.Left.of(begin(
                "tenant",
                "&params[site]=acme&authorization_params[prompt]=login&authorization_params[state]=undefined"
                        + "&credentials[oauth_client_id_override]=own&credentials[oauth_client_secret_override]=own-secret"
                        + "&credentials[oauth_refresh_token_override]=own-refresh"));

        assertThat(left.location().toString())
                .startsWith("https://acme.login.example/authorize#start?response_type=code&app=own&")
                .endsWith("&scope=read,write")
                .doesNotContain("code_challenge");
        assertThat(left.query()).containsEntry("prompt", "login").doesNotContainKey("state");
        var state = left.cookie().substring("oauth2-".length(), left.cookie().length() - 2);
        var back = get("/oauth/callback?state=" + state + "&ticket=t1", left.cookie());
        assertThat(back.status()).as(back.text()).isEqualTo(200);
        var call = asked.getFirst();
        assertThat(call.path()).isEqualTo("/acme/token");
        assertThat(call.header("authorization"))
                .isEqualTo("Basic " + Base64.getEncoder().encodeToString("own:own-secret".getBytes(UTF_8)));
        assertThat(call.text()).startsWith("{").contains("\"code\":\"t1\"").doesNotContain("code_verifier");
        var connection = onlyConnection("tenant");
        assertThat(connection.at("/credentials/refresh_token").stringValue()).isEqualTo("own-refresh");
        assertThat(connection.at("/credentials/config_override/client_id").stringValue())
                .isEqualTo("own");
        assertThat(connection.at("/connection_config/overrideTokenRefresh").booleanValue())
                .isTrue();
    }

    @Test
    void a_state_is_used_once_by_the_browser_that_left() {
        api.answers(_ -> token(""));
        var left = LoginBrowser.Left.of(begin("plain", ""));
        var without = get("/oauth/callback?state=" + left.state() + "&code=c", null);
        assertThat(without.status()).isEqualTo(400);
        assertThat(without.text()).contains("state_cookie_err");
        assertThat(get("/oauth/callback?state=" + left.state() + "&code=c", left.cookie())
                        .text())
                .contains("state_err");

        var other = LoginBrowser.Left.of(begin("plain", ""));
        assertThat(get("/oauth/callback?state=" + other.state() + "&code=c", left.cookie())
                        .text())
                .contains("state_cookie_err");
        assertThat(api.asked()).isEmpty();

        var good = LoginBrowser.Left.of(begin("plain", ""));
        assertThat(get("/oauth/callback?payload=" + good.state() + "&code=c", good.cookie())
                        .status())
                .isEqualTo(200);
        assertThat(get("/oauth/callback?state=" + good.state() + "&code=c", good.cookie())
                        .status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "?state=", "?state=unknown&code=1", "?state[a]=1&code=1", "?code=1", "?state=%00&code=1"})
    void an_address_without_a_known_state_shows_a_page(String query) {
        var reply = get("/oauth/callback" + query, null);
        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
    }

    @Test
    void a_refusal_reaches_the_page_and_the_popup_without_becoming_markup() {
        try (var page = browser.page()) {
            var left = LoginBrowser.Left.of(begin("plain", "&ws_client_id=" + page.id()));
            var back = get(
                    "/oauth/callback?state=" + left.state()
                            + "&error=access_denied&error_description=%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E",
                    left.cookie());

            assertThat(back.status()).isEqualTo(400);
            assertThat(back.text()).doesNotContain("<script>alert").contains("nango_oauth_callback_error");
            assertThat(back.headers().firstValue("Content-Security-Policy").orElse(""))
                    .contains("default-src 'none'", "frame-ancestors 'none'");
            var outcome = page.outcome();
            assertThat(outcome.get("message_type").stringValue()).isEqualTo("error");
            assertThat(outcome.get("error_type").stringValue()).isEqualTo("callback_err");
            assertThat(outcome.get("error_desc").stringValue()).contains("alert(1)");
        }
    }

    @Test
    void a_token_endpoint_that_refuses_leaves_no_connection() {
        api.answers(_ -> Given.json(400, "{\"error\":\"invalid_grant\"}"));
        int before = server.client().connections().size();
        var left = LoginBrowser.Left.of(begin("plain", ""));
        var back = get("/oauth/callback?state=" + left.state() + "&code=c", left.cookie());
        assertThat(back.status()).isEqualTo(400);
        assertThat(back.text()).contains("token_err", "invalid_grant");
        assertThat(server.client().connections()).hasSize(before);
    }

    @Test
    void a_flow_that_cannot_start_reports_its_error_on_the_page_and_the_socket() {
        try (var page = browser.page()) {
            var reply = begin("tenant", "&ws_client_id=" + page.id());
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.text()).contains("url_param_err");
            assertThat(page.outcome().get("error_type").stringValue()).isEqualTo("url_param_err");
        }
        assertThat(begin("key", "").text()).contains("auth_mode_err");
        assertThat(get("/oauth/connect/plain", null).status()).isEqualTo(401);
        assertThat(server.raw().get("/").status()).isEqualTo(404);
    }

    @Test
    void a_reconnect_keeps_the_connection_and_its_id() {
        api.answers(_ -> token(""));
        var first = LoginBrowser.Left.of(begin("plain", ""));
        get("/oauth/callback?state=" + first.state() + "&code=c", first.cookie());
        var connection = onlyConnection("plain");
        var id = connection.get("connection_id").stringValue();
        var reply = server.raw()
                .post("/connect/sessions/reconnect", "{\"connection_id\":\"" + id + "\",\"integration_id\":\"plain\"}");
        var token = reply.json().at("/data/token").stringValue();
        api.answers(_ -> Given.json(200, "{\"access_token\":\"at-2\",\"refresh_token\":\"rt-2\",\"expires_in\":3600}"));

        var left = LoginBrowser.Left.of(get("/oauth/connect/plain?connect_session_token=" + token, null));
        assertThat(get("/oauth/callback?state=" + left.state() + "&code=c", left.cookie())
                        .status())
                .isEqualTo(200);

        var again = server.raw()
                .get("/connections/" + id + "?provider_config_key=plain")
                .json();
        assertThat(again.get("id")).isEqualTo(connection.get("id"));
        assertThat(again.at("/credentials/access_token").stringValue()).isEqualTo("at-2");
    }

    @Test
    void a_reconnect_of_a_deleted_connection_creates_none() {
        api.answers(_ -> token(""));
        var first = LoginBrowser.Left.of(begin("plain", ""));
        get("/oauth/callback?state=" + first.state() + "&code=c", first.cookie());
        var id = onlyConnection("plain").get("connection_id").stringValue();
        var reply = server.raw()
                .post("/connect/sessions/reconnect", "{\"connection_id\":\"" + id + "\",\"integration_id\":\"plain\"}");
        var query = "connect_session_token=" + reply.json().at("/data/token").stringValue();
        var left = LoginBrowser.Left.of(get("/oauth/connect/plain?" + query, null));
        server.raw().delete("/connections/" + id + "?provider_config_key=plain");

        assertThat(get("/oauth/callback?state=" + left.state() + "&code=c", left.cookie())
                        .status())
                .isEqualTo(400);
        assertThat(server.raw()
                        .get("/connections/" + id + "?provider_config_key=plain")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void a_login_at_another_host_goes_on_at_the_public_one_once() {
        var token = browser.session("{\"end_user\":{\"id\":\"u1\"}}");
        var path = "/oauth/connect/plain?connect_session_token=" + token;

        var sent = LoginBrowser.get(server.raw(), path, null);

        assertThat(sent.status()).isEqualTo(302);
        var there = URI.create(sent.headers().firstValue("Location").orElseThrow());
        assertThat(there.getHost()).isEqualTo("localhost");
        assertThat(sent.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(LoginBrowser.Left.of(get(there.getRawPath() + "?" + there.getRawQuery(), null))
                        .location()
                        .getHost())
                .isEqualTo("login.example");
        // Behind a proxy that is not trusted every request seems to be for another host.
        assertThat(LoginBrowser.Left.of(LoginBrowser.get(server.raw(), path + "&redirected=true", null))
                        .location()
                        .getHost())
                .isEqualTo("login.example");
    }

    @Test
    void without_the_check_of_the_browser_a_server_may_forward_the_callback() {
        api.answers(_ -> token(""));
        server.raw().patch("/environment/settings", "{\"oauth_state_cookie\":false}");
        try {
            var left = LoginBrowser.Left.of(begin("plain", ""));
            assertThat(get("/oauth/callback?state=" + left.state() + "&code=c", null)
                            .status())
                    .isEqualTo(200);
        } finally {
            server.raw().patch("/environment/settings", "{\"oauth_state_cookie\":true}");
        }
    }

    @Test
    void the_page_that_waits_at_one_server_hears_what_ends_at_another() {
        api.answers(_ -> token(""));
        try (var other = server.startPeer();
                var there = new LoginBrowser(other);
                var page = browser.page()) {
            var left = LoginBrowser.Left.of(begin("plain", "&ws_client_id=" + page.id()));

            var back = there.get("/oauth/callback?state=" + left.state() + "&code=c", left.cookie());

            assertThat(back.status()).as(back.text()).isEqualTo(200);
            assertThat(page.outcome().get("message_type").stringValue()).isEqualTo("success");
        }
    }

    @Test
    void a_waiting_page_is_told_of_an_unknown_integration_and_of_an_expired_session() {
        try (var page = browser.page()) {
            var reply = begin("none", "&ws_client_id=" + page.id());
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.text()).contains("unknown_config_key");
            assertThat(page.outcome().get("error_type").stringValue()).isEqualTo("unknown_config_key");
        }
        try (var page = browser.page()) {
            var over = "nango_connect_session_" + "0".repeat(64);
            var reply = get("/oauth/connect/plain?connect_session_token=" + over + "&ws_client_id=" + page.id(), null);
            assertThat(reply.status()).isEqualTo(401);
            assertThat(page.outcome().get("error_type").stringValue()).isEqualTo("unknown_connect_session_token");
        }
    }
}
