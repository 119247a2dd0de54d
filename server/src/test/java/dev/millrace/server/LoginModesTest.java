package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.LoginBrowser.Left;
import dev.millrace.server.credential.signature.Digests;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.SentEvents;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Logins other than OAuth 2, at an identity provider that checks what it is sent; and what calls carry afterwards. */
class LoginModesTest {
    private static final String DEFINITIONS = """
            oauth1-hmac-sha1: &oauth1
                display_name: OAuth 1
                docs: https://docs.example
                auth_mode: OAUTH1
                request_url: @api/oauth1/request
                authorization_url: @api/oauth1/authorize
                authorization_params: {force_login: 'true'}
                token_url: @api/oauth1/access
                signature_method: HMAC-SHA1
                redirect_uri_metadata: [realm_id]
                token_response_metadata: [screen_name]
                proxy: {base_url: @api}
            oauth1-hmac-sha256:
                alias: oauth1-hmac-sha1
                signature_method: HMAC-SHA256
                request_http_method: GET
                request_params: {scope: 'a b', tenant: '${connectionConfig.site}'}
                token_http_method: GET
                token_params: {extra: 'x=y&z'}
                connection_config:
                    site: {type: string, title: Site, description: Site}
            oauth1-plaintext:
                alias: oauth1-hmac-sha1
                signature_method: PLAINTEXT
                request_params: {scope: 'a b'}
            oauth1-rsa-sha1:
                alias: oauth1-hmac-sha1
                signature_method: RSA-SHA1
            app:
                display_name: App
                docs: https://docs.example
                auth_mode: APP
                authorization_url: '${connectionConfig.appPublicLink}/installations/new'
                token_url: '@api/app/installations/${connectionConfig.installation_id}/access_tokens'
                proxy: {base_url: @api}
            custom:
                display_name: Custom
                docs: https://docs.example
                auth_mode: CUSTOM
                authorization_url: '${connectionConfig.appPublicLink}/installations/new'
                installation_check_url: '@api/user/check'
                installation_requester: {url: '@api/user/me', handle: login}
                token_url:
                    OAUTH2: @api/user/token
                    APP: '@api/app/installations/${connectionConfig.installation_id}/access_tokens'
                proxy: {base_url: @api}
                webhook:
                    connections: [{by: body.installation.id, find: connection_config.installation_id}]
                    signature: {from: header.x-hub-signature-256, prefix: 'sha256=', secret: [github_app_key]}
                    type: header.x-github-event
                webhook_routing_script: githubAppOauthWebhookRouting
            outbound:
                display_name: Outbound
                docs: https://docs.example
                auth_mode: OAUTH2
                installation: outbound
                installation_webhook:
                    when: {action: created}
                    match: {organization: data.installation.organization.slug}
                    keep: {installation_id: installation.uuid}
                authorization_code_param_in_webhook: data.installation.code
                disable_pkce: true
                body_format: json
                token_url: '@api/installed/${connectionConfig.installation_id}/authorizations/'
                token_rules: {answer: {access_token: token, refresh_token: refreshToken, expires_at: expiresAt}}
                token_response_metadata: [scope]
                connection_config:
                    organization: {type: string, title: Organization, description: Its slug}
                    installation_id: {type: string, title: Installation, description: Its id, automated: true}
                proxy: {base_url: @api}
                webhook:
                    connections: [{by: body.installation.uuid, find: connection_config.installation_id}]
                    signature: {from: header.sentry-hook-signature, secret: client_secret}
                    type: body.action
            plugin:
                display_name: Plugin
                docs: https://docs.example
                auth_mode: INSTALL_PLUGIN
                auth_type: BASIC
                redirect_uri_metadata: [site_id]
                proxy: {base_url: @api, verification: {endpoints: [/verify]}}
            aws:
                display_name: AWS
                docs: https://docs.example
                auth_mode: AWS_SIGV4
                proxy: {base_url: '@api', verification: {endpoints: [/verify]}}
            mcp-dynamic:
                display_name: MCP
                docs: https://docs.example
                auth_mode: MCP_OAUTH2
                client_registration: dynamic
                registration_url: @api/register
                authorization_url: @api/mcp/authorize
                token_url: @api/mcp/token
                proxy: {base_url: @api}
            mcp-cimd:
                alias: mcp-dynamic
                client_registration: cimd
            mcp-static:
                alias: mcp-dynamic
                client_registration: static
            mcp-any:
                display_name: MCP generic
                docs: https://docs.example
                auth_mode: MCP_OAUTH2_GENERIC
                proxy: {base_url: '${connectionConfig.mcp_server_url}'}
            """;

    @TempDir
    static Path folder;

    private static IdentityProvider idp;
    private static TestServer server;
    private static LoginBrowser browser;

    @BeforeAll
    static void start() throws IOException {
        idp = new IdentityProvider();
        var file = Files.writeString(
                folder.resolve("providers.yaml"),
                DEFINITIONS.replace(" &oauth1", "").replace("@api", idp.url()));
        server = TestServer.with(List.of(file));
        browser = new LoginBrowser(server);
        for (var method : List.of("hmac-sha1", "hmac-sha256", "plaintext")) {
            integrate("oauth1-" + method, client("OAUTH1", IdentityProvider.CONSUMER, IdentityProvider.SECRET));
        }
        integrate("oauth1-rsa-sha1", client("OAUTH1", IdentityProvider.CONSUMER, idp.privateKey()));
        var app = new HashMap<String, Object>(Map.of(
                "type",
                "APP",
                "app_id",
                IdentityProvider.APP,
                "app_link",
                "https://apps.example/our-app",
                "private_key",
                idp.privateKey()));
        integrate("app", Map.of("credentials", Map.copyOf(app)));
        app.putAll(Map.of("type", "CUSTOM", "client_id", "cid", "client_secret", "cs"));
        integrate("custom", Map.of("credentials", app));
        integrate("outbound", client("OAUTH2", "sentry-app", "sentry secret"));
        integrate(
                "plugin",
                Map.of(
                        "custom",
                        Map.of("app_link", "https://plugins.example/x?ref=1", "username", "u", "password", "p")));
        integrate(
                "aws",
                Map.of(
                        "custom",
                        Map.of(
                                "service", "execute-api",
                                "stsEndpointUrl", idp.url() + "/sts/",
                                "awsAccessKeyId", "AKIDEXAMPLE",
                                "awsSecretAccessKey", "aws secret",
                                "defaultRegion", "eu-west-1")));
        integrate("mcp-dynamic", Map.of());
        integrate("mcp-cimd", Map.of());
        integrate("mcp-static", Map.of("credentials", Map.of("type", "MCP_OAUTH2", "client_id", "static")));
        integrate("mcp-any", Map.of());
        server.client()
                .createIntegration(Map.of(
                        "provider",
                        "mcp-any",
                        "unique_key",
                        "mcp-secret",
                        "credentials",
                        Map.of("type", "MCP_OAUTH2_GENERIC", "client_id", "team", "client_secret", "team-secret")));
    }

    private static Map<String, Object> client(String type, String id, String secret) {
        return Map.of("credentials", Map.of("type", type, "client_id", id, "client_secret", secret, "scopes", "r,w"));
    }

    private static void integrate(String provider, Map<String, Object> more) {
        var body = new HashMap<String, Object>(Map.of("provider", provider, "unique_key", provider));
        body.putAll(more);
        server.client().createIntegration(body);
    }

    @AfterAll
    static void stop() {
        browser.close();
        server.close();
        idp.close();
    }

    @BeforeEach
    void forget() {
        idp.forgetWellKnown();
        idp.userMayUse(true);
        idp.loseUser(false);
        for (var one : server.raw().get("/connections").json().get("connections")) {
            server.raw()
                    .delete("/connections/" + one.get("connection_id").stringValue() + "?provider_config_key="
                            + one.get("provider_config_key").stringValue());
        }
    }

    private static Reply back(Left left, String query) {
        return browser.get("/oauth/callback?" + query, left.cookie());
    }

    private static Reply call(String integration, JsonNode connection, String path) {
        return server.raw()
                .send(
                        "GET",
                        "/proxy" + path,
                        Map.of(
                                "Provider-Config-Key",
                                integration,
                                "Connection-Id",
                                connection.get("connection_id").stringValue()),
                        java.net.http.HttpRequest.BodyPublishers.noBody());
    }

    @ParameterizedTest
    @ValueSource(strings = {"hmac-sha1", "hmac-sha256", "plaintext", "rsa-sha1"})
    void oauth1_signs_each_step_and_then_each_call(String method) {
        var integration = "oauth1-" + method;
        var query = method.equals("hmac-sha256") ? "&params[site]=acme" : "";
        try (var page = browser.page()) {
            var left = Left.of(browser.begin(integration, query + "&ws_client_id=" + page.id()));
            var token = left.query().getOrDefault("oauth_token", "");
            var callback = idp.callbackOf(token);
            assertThat(left.location().toString()).startsWith(idp.url() + "/oauth1/authorize?oauth_token=request%2F");
            assertThat(left.query())
                    .containsEntry("scope", "r w")
                    .containsEntry("force_login", "true")
                    .containsEntry("oauth_callback", callback);
            assertThat(callback).endsWith("/oauth/callback?state=" + left.state());

            var back = back(
                    left,
                    "state=" + left.state() + "&realm_id=7&oauth_token=" + token + "&oauth_verifier="
                            + idp.agree(token));
            assertThat(back.status()).as(back.text()).isEqualTo(200);
            assertThat(page.outcome().get("message_type").stringValue()).isEqualTo("success");
        }
        var connection = browser.onlyConnection(integration);
        assertThat(connection.at("/credentials/type").stringValue()).isEqualTo("OAUTH1");
        assertThat(connection.at("/credentials/oauth_token").stringValue()).startsWith("access/");
        assertThat(connection.at("/credentials/raw/screen_name").stringValue()).isEqualTo("ada");
        assertThat(connection.at("/connection_config/screen_name").stringValue())
                .isEqualTo("ada");
        assertThat(connection.at("/connection_config/realm_id").stringValue()).isEqualTo("7");
        assertThat(call(integration, connection, "/oauth1/me?q=a%20b&q=%26").status())
                .isEqualTo(200);
    }

    @Test
    void the_parameters_of_an_oauth1_definition_travel_as_its_methods_say() {
        Left.of(browser.begin("oauth1-hmac-sha256", "&params[site]=acme"));
        var asked = idp.asked("/oauth1/request").getLast();
        assertThat(asked.method()).isEqualTo("GET");
        assertThat(LoginBrowser.pairs(asked.query()))
                .containsEntry("scope", "a b")
                .containsEntry("tenant", "acme");

        Left.of(browser.begin("oauth1-plaintext", ""));
        var posted = idp.asked("/oauth1/request").getLast();
        assertThat(posted.method()).isEqualTo("POST");
        assertThat(LoginBrowser.pairs(posted.text())).containsEntry("scope", "a b");
    }

    @Test
    void an_oauth1_token_of_another_login_is_refused() {
        var mine = Left.of(browser.begin("oauth1-hmac-sha1", ""));
        var other = Left.of(browser.begin("oauth1-hmac-sha1", ""));
        var token = other.query().getOrDefault("oauth_token", "");
        var mixed =
                back(mine, "state=" + mine.state() + "&oauth_token=" + token + "&oauth_verifier=" + idp.agree(token));
        assertThat(mixed.status()).isEqualTo(400);
        assertThat(mixed.text()).contains("callback_err");
        assertThat(back(other, "state=" + other.state() + "&denied=" + token).text())
                .contains("callback_err");
        assertThat(server.raw().get("/connections").json().get("connections")).isEmpty();
    }

    @Test
    void an_oauth1_client_that_the_provider_refuses_is_told_of() {
        server.client().createIntegration(bodyOf("oauth1-hmac-sha1", "refused", client("OAUTH1", "nobody", "s")));
        var reply = browser.begin("refused", "");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).contains("token_err", "bad_signature");
    }

    private static Map<String, Object> bodyOf(String provider, String key, Map<String, Object> more) {
        var body = new HashMap<String, Object>(Map.of("provider", provider, "unique_key", key));
        body.putAll(more);
        return body;
    }

    @Test
    void an_app_is_installed_and_its_token_renewed() {
        var left = Left.of(browser.begin("app", ""));
        assertThat(left.location().toString())
                .isEqualTo("https://apps.example/our-app/installations/new?state=" + left.state());
        var back = browser.get(
                "/app-auth/connect?installation_id=55&setup_action=install&state=" + left.state(), left.cookie());
        assertThat(back.status()).as(back.text()).isEqualTo(200);

        var connection = browser.onlyConnection("app");
        assertThat(connection.at("/credentials/type").stringValue()).isEqualTo("APP");
        assertThat(connection.at("/credentials/access_token").stringValue()).startsWith("ghs-");
        assertThat(connection.get("connection_config"))
                .isEqualTo(RawClient.JSON.readTree("{\"installation_id\":\"55\",\"app_id\":\"4711\"}"));
        assertThat(idp.asked("/app/installations/55/access_tokens")).hasSize(1);

        var again = server.raw()
                .get("/connections/" + connection.get("connection_id").stringValue()
                        + "?provider_config_key=app&force_refresh=true");
        assertThat(again.json().at("/credentials/access_token").stringValue())
                .isNotEqualTo(connection.at("/credentials/access_token").stringValue());
        assertThat(idp.asked("/app/installations/55/access_tokens")).hasSize(2);

        var jwt = server.raw()
                .get("/connections/" + connection.get("connection_id").stringValue()
                        + "?provider_config_key=app&refresh_github_app_jwt_token=true")
                .json();
        assertThat(jwt.at("/credentials/jwtToken").stringValue().split("\\.", -1))
                .hasSize(3);
        assertThat(jwt.at("/connection_config/jwtToken")).isEqualTo(jwt.at("/credentials/jwtToken"));
        assertThat(idp.asked("/app/installations/55/access_tokens")).hasSize(2);
    }

    @Test
    void what_an_app_sends_people_back_with_is_looked_at() {
        assertThat(browser.get("/app-auth/connect?installation_id=1", null).status())
                .isEqualTo(400);
        assertThat(browser.get("/app-auth/connect?installation_id=1&state=unknown", null)
                        .status())
                .isEqualTo(404);
        assertThat(browser.get("/app-auth/connect?installation_id=1&setup_action=install", null)
                        .status())
                .isEqualTo(200);
        var left = Left.of(browser.begin("app", ""));
        var asked = browser.get("/app-auth/connect?setup_action=request&state=" + left.state(), left.cookie());
        assertThat(asked.status()).isEqualTo(400);
        assertThat(asked.text()).contains("wrong_auth_mode");
    }

    @Test
    void a_custom_app_keeps_the_persons_token_beside_its_own() {
        var connection = customConnection("99");
        var path = "/connections/" + connection.get("connection_id").stringValue() + "?provider_config_key=custom";
        assertThat(connection.at("/credentials/type").stringValue()).isEqualTo("APP");
        assertThat(connection.at("/credentials").has("userCredentials")).isFalse();
        assertThat(connection
                        .at("/connection_config/userCredentials/access_token")
                        .stringValue())
                .startsWith("ghu-");
        assertThat(connection
                        .at("/connection_config/userCredentials/refresh_token")
                        .stringValue())
                .startsWith("ghr-");
        var without = server.raw().get(path).json();
        assertThat(without.at("/connection_config/userCredentials").has("refresh_token"))
                .isFalse();

        var renewed = server.raw().get(path + "&force_refresh=true").json();
        assertThat(renewed.at("/connection_config/userCredentials/access_token"))
                .isNotEqualTo(connection.at("/connection_config/userCredentials/access_token"));
        assertThat(renewed.at("/credentials/access_token")).isNotEqualTo(connection.at("/credentials/access_token"));
    }

    private static JsonNode customConnection(String installation) {
        var left = Left.of(browser.begin("custom", "&params[installation_id]=1"));
        var back = back(left, "code=c&installation_id=" + installation + "&setup_action=install&state=" + left.state());
        assertThat(back.status()).as(back.text()).isEqualTo(200);
        return browser.onlyConnection("custom");
    }

    @Test
    void losing_the_persons_token_is_no_failure() {
        var connection = customConnection("99");
        idp.loseUser(true);
        var renewed = server.raw()
                .get("/connections/" + connection.get("connection_id").stringValue()
                        + "?provider_config_key=custom&force_refresh=true")
                .json();
        assertThat(renewed.at("/credentials/access_token").stringValue()).startsWith("ghs-");
        assertThat(renewed.at("/connection_config").has("userCredentials")).isFalse();
        assertThat(renewed.get("errors")).isEmpty();
    }

    @Test
    void a_custom_app_waits_for_approval() {
        try (var page = browser.page()) {
            var left = Left.of(browser.begin("custom", "&ws_client_id=" + page.id()));
            var back = back(left, "code=c&setup_action=request&state=" + left.state());
            assertThat(back.status()).as(back.text()).isEqualTo(200);
            assertThat(page.outcome().get("is_pending").booleanValue()).isTrue();
        }
        var connection = browser.onlyConnection("custom");
        assertThat(connection.at("/credentials/type").stringValue()).isEqualTo("OAUTH2");
        assertThat(connection.at("/connection_config/pending").booleanValue()).isTrue();
    }

    /** Sends a webhook that is signed as the provider does it. */
    private static Reply webhook(String integration, String header, String prefix, String key, String body) {
        var url = server.raw()
                .get("/integrations/" + integration + "?include=webhook")
                .json()
                .at("/data/webhook_url")
                .stringValue();
        return server.raw()
                .send(
                        "POST",
                        URI.create(url).getPath(),
                        Map.of("Content-Type", "application/json", header, prefix + hmac(key, body)),
                        BodyPublishers.ofString(body));
    }

    private static String hmac(String key, String text) {
        return HexFormat.of().formatHex(Digests.hmac("HmacSHA256", key.getBytes(UTF_8), text));
    }

    private static String appKey() throws GeneralSecurityException {
        var text = IdentityProvider.APP + idp.privateKey() + "https://apps.example/our-app";
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    }

    private static void awaitReplaced(String connection) {
        await().until(() -> SentEvents.of(server).stream()
                .anyMatch(event -> event.contains(connection) && event.contains("\"operation\":\"override\"")));
    }

    @Test
    void an_approval_completes_the_connection_that_waits_for_it() throws Exception {
        var left = Left.of(browser.begin("custom", "&params[handle]=somebody"));
        back(left, "code=c&setup_action=request&state=" + left.state());
        var waiting = browser.onlyConnection("custom");
        assertThat(waiting.at("/connection_config/app_id").stringValue()).isEqualTo(IdentityProvider.APP);
        assertThat(waiting.at("/connection_config/handle").stringValue()).isEqualTo("ada");
        assertThat(idp.asked("/user/me").getLast().header("authorization")).startsWith("Bearer ghu-");

        var created = "{\"action\":\"created\",\"requester\":{\"login\":\"%s\"},\"installation\":{\"id\":77}}";
        assertThat(webhook("custom", "X-Hub-Signature-256", "sha256=", "forged", created.formatted("ada"))
                        .status())
                .isEqualTo(401);
        webhook("custom", "X-Hub-Signature-256", "sha256=", appKey(), created.formatted("bob"));
        assertThat(browser.onlyConnection("custom")
                        .at("/connection_config/pending")
                        .booleanValue())
                .isTrue();

        var told = webhook("custom", "X-Hub-Signature-256", "sha256=", appKey(), created.formatted("ada"));
        assertThat(told.status()).as(told.text()).isEqualTo(200);
        var connection = browser.onlyConnection("custom");
        assertThat(connection.get("connection_id")).isEqualTo(waiting.get("connection_id"));
        assertThat(connection.at("/credentials/type").stringValue()).isEqualTo("APP");
        assertThat(connection.at("/credentials/access_token").stringValue()).startsWith("ghs-");
        assertThat(connection.at("/connection_config/installation_id").stringValue())
                .isEqualTo("77");
        assertThat(connection.at("/connection_config").has("pending")).isFalse();
        assertThat(connection
                        .at("/connection_config/userCredentials/access_token")
                        .stringValue())
                .startsWith("ghu-");
        assertThat(connection.at("/end_user/id").stringValue()).isEqualTo("u1");
        awaitReplaced(connection.get("connection_id").stringValue());
        assertThat(idp.asked("/app/installations/77/access_tokens")).hasSize(1);
    }

    private static String waitFor(String organization, String more) {
        var token = browser.session("{\"end_user\":{\"id\":\"u1\"}}");
        var reply = server.raw()
                .post(
                        "/auth/oauth-outbound/outbound?connect_session_token=" + token + "&params[organization]="
                                + organization + more,
                        "{}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().get("connectionId").stringValue();
    }

    private static JsonNode outbound(String id) {
        return server.raw()
                .get("/connections/" + id + "?refresh_token=true&provider_config_key=outbound")
                .json();
    }

    private static Reply installed(String organization, String uuid) {
        return webhook(
                "outbound",
                "Sentry-Hook-Signature",
                "",
                "sentry secret",
                ("{\"action\":\"created\",\"data\":{\"installation\":{\"organization\":{\"slug\":\"%s\"},\"code\":\"%s\"}},"
                                + "\"installation\":{\"uuid\":\"%s\"}}")
                        .formatted(organization, idp.agree(uuid), uuid));
    }

    @Test
    void an_installation_that_begins_at_the_provider_brings_its_code_by_webhook() {
        var id = waitFor("acme", "&params[installation_id]=of-somebody-else");
        var waiting = outbound(id);
        assertThat(waiting.get("credentials").toString()).isEqualTo("{\"type\":\"OAUTH2\",\"raw\":{}}");
        assertThat(waiting.get("connection_config").toString())
                .isEqualTo("{\"pending\":true,\"organization\":\"acme\"}");

        assertThat(installed("other", "i-other").status()).isEqualTo(200);
        assertThat(outbound(id).at("/connection_config/pending").booleanValue()).isTrue();
        assertThat(installed("acme", "i-1").status()).isEqualTo(200);

        var connection = outbound(id);
        assertThat(connection.at("/credentials/access_token").stringValue()).startsWith("snt-");
        assertThat(connection.at("/credentials/expires_at").isString()).isTrue();
        assertThat(connection.get("connection_config"))
                .isEqualTo(RawClient.JSON.readTree(
                        "{\"organization\":\"acme\",\"installation_id\":\"i-1\",\"scope\":\"read\"}"));
        var exchange = RawClient.JSON.readTree(
                idp.asked("/installed/i-1/authorizations/").getFirst().body());
        assertThat(exchange.get("client_secret").stringValue()).isEqualTo("sentry secret");
        assertThat(exchange.has("redirect_uri")).isFalse();
        awaitReplaced(id);

        var renewed = server.raw()
                .get("/connections/" + id + "?force_refresh=true&provider_config_key=outbound")
                .json();
        assertThat(renewed.at("/credentials/access_token")).isNotEqualTo(connection.at("/credentials/access_token"));
    }

    @Test
    void an_installation_that_two_wait_for_completes_neither() {
        var first = waitFor("shared", "");
        var second = waitFor("shared", "");
        assertThat(installed("shared", "i-2").status()).isEqualTo(200);
        assertThat(outbound(first).at("/connection_config/pending").booleanValue())
                .isTrue();
        assertThat(outbound(second).at("/connection_config/pending").booleanValue())
                .isTrue();
        assertThat(idp.asked("/installed/i-2/authorizations/")).isEmpty();
        var token = browser.session("{\"end_user\":{\"id\":\"u1\"}}");
        var refused = server.raw().post("/auth/oauth-outbound/oauth1-plaintext?connect_session_token=" + token, "{}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).contains("invalid_auth_mode");
    }

    @Test
    void the_same_customer_gets_the_same_connection_for_the_same_installation() {
        var first = customConnection("99");
        var second = customConnection("99");
        assertThat(second.get("connection_id")).isEqualTo(first.get("connection_id"));
        var token = browser.session("{\"end_user\":{\"id\":\"another\"}}");
        var left = Left.of(browser.get("/oauth/connect/custom?connect_session_token=" + token, null));
        back(left, "code=c&installation_id=99&setup_action=install&state=" + left.state());
        assertThat(server.raw().get("/connections?integrationId=custom").json().get("connections"))
                .hasSize(2);
    }

    @Test
    void an_installation_of_somebody_else_is_refused() {
        idp.userMayUse(false);
        var left = Left.of(browser.begin("custom", ""));
        var back = back(left, "code=c&installation_id=1&setup_action=install&state=" + left.state());
        assertThat(back.status()).isEqualTo(400);
        assertThat(back.text()).contains("does not belong");
        assertThat(idp.asked("/app/installations/1/access_tokens")).isEmpty();
    }

    @Test
    void a_plugin_is_installed_with_the_credentials_of_the_integration() {
        var left = Left.of(browser.begin("plugin", ""));
        assertThat(left.location().toString()).isEqualTo("https://plugins.example/x?ref=1&payload=" + left.state());
        var back = back(left, "payload=" + left.state() + "&site_id=s9");
        assertThat(back.status()).as(back.text()).isEqualTo(200);
        var connection = browser.onlyConnection("plugin");
        assertThat(connection.get("credentials").toString())
                .isEqualTo("{\"type\":\"BASIC\",\"username\":\"u\",\"password\":\"p\"}");
        assertThat(connection.at("/connection_config/site_id").stringValue()).isEqualTo("s9");
        assertThat(idp.asked("/verify").getLast().header("authorization")).startsWith("Basic ");
    }

    private static Reply assume(String integration, String query, String body) {
        var token = browser.session("{\"end_user\":{\"id\":\"u1\"}}");
        return server.raw().post("/auth/aws-sigv4/" + integration + "?connect_session_token=" + token + query, body);
    }

    @Test
    void an_aws_role_is_assumed_and_calls_are_signed() {
        var external = "0f0e0d0c-0b0a-4908-8706-050403020100";
        var reply = assume(
                "aws",
                "&params[external_id]=" + external,
                "{\"role_arn\":\"arn:aws:iam::1:role/r\",\"region\":\"us-east-1\"}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        var form = LoginBrowser.pairs(idp.asked("/sts/").getLast().text());
        assertThat(form)
                .containsEntry("RoleArn", "arn:aws:iam::1:role/r")
                .containsEntry("ExternalId", external)
                .containsEntry("DurationSeconds", "3600");
        var connection = browser.onlyConnection("aws");
        assertThat(connection.at("/credentials/access_key_id").stringValue()).isEqualTo("ASIA1");
        assertThat(connection.at("/connection_config/external_id").stringValue())
                .isEqualTo(external);
        assertThat(connection.at("/connection_config/region").stringValue()).isEqualTo("us-east-1");

        assertThat(call("aws", connection, "/things?b=1&a=2").status()).isEqualTo(200);
        var called = idp.asked("/things").getLast();
        assertThat(called.header("authorization"))
                .matches("AWS4-HMAC-SHA256 Credential=ASIA1/\\d{8}/us-east-1/execute-api/aws4_request,"
                        + " SignedHeaders=accept;accept-encoding;host;x-amz-content-sha256;x-amz-date;"
                        + "x-amz-security-token, Signature=[0-9a-f]{64}");
        assertThat(called.header("x-amz-security-token")).isEqualTo("session");
        assertThat(called.header("x-amz-content-sha256"))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void another_service_may_hand_out_the_keys_of_an_aws_role() {
        var custom = Map.of(
                "service",
                "s3",
                "stsMode",
                "custom",
                "stsEndpointUrl",
                idp.url() + "/sts/custom",
                "stsApiKey",
                "sts-key");
        server.client().createIntegration(bodyOf("aws", "aws-own", Map.of("custom", custom)));
        var reply = assume("aws-own", "&params[region]=eu-north-1", "{\"role_arn\":\"arn:x\"}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        var asked = RawClient.JSON.readTree(idp.asked("/sts/custom").getLast().body());
        assertThat(asked.get("region").stringValue()).isEqualTo("eu-north-1");
        assertThat(asked.get("service").stringValue()).isEqualTo("s3");
        assertThat(browser.onlyConnection("aws-own")
                        .at("/credentials/session_token")
                        .stringValue())
                .isEqualTo("t2");

        server.client().createIntegration(bodyOf("aws", "aws-refused", Map.of("custom", without(custom, "stsApiKey"))));
        var refused = assume("aws-refused", "&params[region]=eu-north-1", "{\"role_arn\":\"arn:x\"}");
        assertThat(refused.status()).isEqualTo(502);
        assertThat(refused.text()).contains("aws_sigv4_sts_request_failed");
        assertThat(assume("aws-own", "&params[region]=evil.example%2F", "{\"role_arn\":\"arn:x\"}")
                        .status())
                .isEqualTo(400);
    }

    private static Map<String, String> without(Map<String, String> map, String key) {
        var copy = new HashMap<>(map);
        copy.remove(key);
        return copy;
    }

    @ParameterizedTest
    @ValueSource(strings = {"mcp-dynamic", "mcp-cimd", "mcp-static"})
    void an_mcp_server_gets_a_public_client_by_each_kind_of_registration(String integration) {
        var left = Left.of(browser.begin(
                integration,
                "&authorization_params[scope]=all&authorization_params[client_id]=x&authorization_params[a]=b"));
        var client = left.query().getOrDefault("client_id", "");
        assertThat(client).matches("dyn-\\d+|static|http://localhost:\\d+/oauth/client-metadata/\\d+");
        assertThat(left.query())
                .containsEntry("code_challenge_method", "S256")
                .containsEntry("response_type", "code")
                .containsEntry("a", "b")
                .doesNotContainKey("scope");
        var code = idp.agree(left.query().getOrDefault("code_challenge", ""));
        var back = back(left, "code=" + code + "&state=" + left.state());
        assertThat(back.status()).as(back.text()).isEqualTo(200);
        var connection = browser.onlyConnection(integration);
        assertThat(connection.at("/credentials/access_token").stringValue()).startsWith("mcp-");

        var id = connection.get("connection_id").stringValue();
        var renewed =
                server.raw().get("/connections/" + id + "?provider_config_key=" + integration + "&force_refresh=true");
        assertThat(renewed.status()).as(renewed.text()).isEqualTo(200);
        var refresh = LoginBrowser.pairs(idp.asked("/mcp/token").getLast().text());
        assertThat(refresh).containsEntry("client_id", client).doesNotContainKey("client_secret");
    }

    @Test
    void the_client_metadata_document_says_who_this_server_is() {
        var left = Left.of(browser.begin("mcp-cimd", ""));
        var address = left.query().getOrDefault("client_id", "");
        var document = browser.get(address.substring(address.indexOf("/oauth")), null);
        assertThat(document.status()).isEqualTo(200);
        assertThat(document.json().get("client_id").stringValue()).isEqualTo(address);
        assertThat(document.json().at("/redirect_uris/0").stringValue())
                .isEqualTo(left.query().get("redirect_uri"));
        assertThat(browser.get("/oauth/client-metadata/x", null).status()).isEqualTo(404);
    }

    private static void describeMcp(String path, String scopes, String more) {
        idp.wellKnown(
                "/.well-known/oauth-protected-resource" + path,
                "{\"resource\":\"" + idp.url() + path + "\",\"authorization_servers\":[\"" + idp.url() + "/tenant\"]"
                        + ",\"scopes_supported\":[" + scopes + "]}");
        idp.wellKnown(
                "/.well-known/oauth-authorization-server/tenant",
                "{\"issuer\":\"" + idp.url() + "/tenant\",\"authorization_endpoint\":\"" + idp.url()
                        + "/mcp/authorize?realm=r\",\"token_endpoint\":\"" + idp.url()
                        + "/mcp/token\",\"registration_endpoint\":\"" + idp.url() + "/register\"" + more + "}");
    }

    private static String mcpServer(String path) {
        return "&params[mcp_server_url]="
                + java.net.URLEncoder.encode(idp.url() + path, java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void an_mcp_server_tells_of_itself() {
        describeMcp("/mcp", "\"tools\",\"files\"", ",\"authorization_response_iss_parameter_supported\":true");
        var left = Left.of(browser.begin("mcp-any", mcpServer("/mcp")));
        assertThat(left.location().toString()).startsWith(idp.url() + "/mcp/authorize?");
        assertThat(left.query())
                .containsEntry("realm", "r")
                .containsEntry("scope", "tools files")
                .containsEntry("resource", idp.url() + "/mcp");
        var code = idp.agree(left.query().getOrDefault("code_challenge", ""));
        var back = back(left, "code=" + code + "&state=" + left.state() + "&iss=" + idp.url() + "/tenant");
        assertThat(back.status()).as(back.text()).isEqualTo(200);
        var exchange = LoginBrowser.pairs(idp.asked("/mcp/token").getLast().text());
        assertThat(exchange).containsEntry("resource", idp.url() + "/mcp");

        var connection = browser.onlyConnection("mcp-any");
        assertThat(connection.at("/connection_config/mcp_server_url").stringValue())
                .isEqualTo(idp.url() + "/mcp");
        assertThat(connection.at("/connection_config/oauth_resource_url").stringValue())
                .isEqualTo(idp.url() + "/mcp");
        assertThat(call("mcp-any", connection, "/tools").status()).isEqualTo(200);
        var id = connection.get("connection_id").stringValue();
        assertThat(server.raw()
                        .get("/connections/" + id + "?provider_config_key=mcp-any&force_refresh=true")
                        .status())
                .isEqualTo(200);
        assertThat(LoginBrowser.pairs(idp.asked("/mcp/token").getLast().text()))
                .containsEntry("resource", idp.url() + "/mcp")
                .containsEntry("grant_type", "refresh_token");
    }

    @Test
    void an_mcp_server_that_a_customer_names_does_not_get_the_client_of_the_team() {
        describeMcp("/mcp", "", "");
        var left = Left.of(browser.begin("mcp-secret", mcpServer("/mcp")));
        assertThat(left.query()).doesNotContainEntry("client_id", "team");
        var code = idp.agree(left.query().getOrDefault("code_challenge", ""));
        back(left, "code=" + code + "&state=" + left.state());

        var exchange = idp.asked("/mcp/token").getLast();
        assertThat(exchange.text()).doesNotContain("team-secret");
        assertThat(exchange.headers()).doesNotContainKey("authorization");
    }

    @Test
    void an_answer_of_another_authorization_server_is_refused() {
        describeMcp("/mcp", "", ",\"authorization_response_iss_parameter_supported\":true");
        for (var iss : List.of("", "&iss=https://evil.example")) {
            var left = Left.of(browser.begin("mcp-any", mcpServer("/mcp")));
            var code = idp.agree(left.query().getOrDefault("code_challenge", ""));
            var back = back(left, "code=" + code + "&state=" + left.state() + iss);
            assertThat(back.text()).contains("another authorization server");
        }
        assertThat(server.raw().get("/connections").json().get("connections")).isEmpty();
    }

    @Test
    void an_mcp_server_that_speaks_for_another_or_says_nothing_is_refused() {
        assertThat(browser.begin("mcp-any", mcpServer("/silent")).text()).contains("token_err", "has no metadata");
        assertThat(browser.begin("mcp-any", "").text()).contains("url_param_err");
        for (var address : List.of("http://mcp.example/", "https://10.0.0.1/", "https://[::1]/", "file:///etc", "x")) {
            var reply = browser.begin(
                    "mcp-any",
                    "&params[mcp_server_url]="
                            + java.net.URLEncoder.encode(address, java.nio.charset.StandardCharsets.UTF_8));
            assertThat(reply.status()).as(address).isEqualTo(400);
            assertThat(reply.text()).as(address).contains("mcp_server_url");
        }
        describeMcp("/mcp", "", "");
        idp.wellKnown(
                "/.well-known/oauth-protected-resource/mcp",
                "{\"resource\":\"https://other.example/mcp\",\"authorization_servers\":[\"" + idp.url() + "\"]}");
        assertThat(browser.begin("mcp-any", mcpServer("/mcp")).text()).contains("another resource");
        describeMcp("/mcp", "", "");
        idp.wellKnown(
                "/.well-known/oauth-authorization-server/tenant",
                "{\"issuer\":\"https://other.example\",\"authorization_endpoint\":\"" + idp.url()
                        + "/a\",\"token_endpoint\":\"" + idp.url() + "/t\"}");
        assertThat(browser.begin("mcp-any", mcpServer("/mcp")).text()).contains("those of the issuer");
    }
}
