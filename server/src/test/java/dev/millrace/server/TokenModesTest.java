package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.RSAKey;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connecting by a form in every mode that takes one: what providers are asked, what is stored, how it is renewed. */
class TokenModesTest {
    @TempDir
    static Path folder;

    private static ScriptedApi api;
    private static TestServer server;
    private static KeyPair pair;

    private static final String DEFINITIONS = """
            key:
                display_name: Key
                docs: https://docs.example
                auth_mode: API_KEY
                proxy:
                    base_url: @api
                    headers: {x-api-key: '${apiKey}'}
                    verification: {endpoints: [/me]}
                credentials:
                    apiKey: {type: string, title: Key, description: Key}
            basic:
                display_name: Basic
                docs: https://docs.example
                auth_mode: BASIC
                proxy: {base_url: @api}
            open:
                display_name: Open
                docs: https://docs.example
                auth_mode: NONE
                proxy: {base_url: @api}
            tba:
                display_name: Token based
                docs: https://docs.example
                auth_mode: TBA
                proxy: {base_url: @api, verification: {endpoints: [/me]}}
            cc:
                display_name: Client credentials
                docs: https://docs.example
                auth_mode: OAUTH2_CC
                token_url: @api/${connectionConfig.tenant}/token
                token_params: {grant_type: client_credentials, audience: 'urn:${connectionConfig.tenant}'}
                token_response_metadata: [account.id]
                proxy: {base_url: @api}
                connection_config:
                    tenant: {type: string, title: Tenant, description: Tenant}
                    account.id: {type: string, title: Account, description: Account, automated: true}
            cc-basic:
                display_name: Client credentials
                docs: https://docs.example
                auth_mode: OAUTH2_CC
                token_url: @api/token?v=1
                token_request_auth_method: basic
                body_format: query
                expires_in_unit: milliseconds
                token_params: {grant_type: client_credentials}
                proxy: {base_url: @api}
            cc-jwk:
                display_name: Client credentials
                docs: https://docs.example
                auth_mode: OAUTH2_CC
                token_url: @api/token
                token_request_auth_method: private_key_jwt
                token_params: {grant_type: client_credentials}
                proxy: {base_url: @api}
            login:
                display_name: Login
                docs: https://docs.example
                auth_mode: TWO_STEP
                token_url: @api/login
                token_headers: {content-type: application/json, x-user: '${credentials.userName}'}
                token_params:
                    user: ${credentials.userName}
                    nested: {password: '${credentials.password}', list: ['${credentials.userName}'], number: 1}
                additional_steps:
                    - token_url: @api/sites/${connectionConfig.site}
                      token_headers: {content-type: application/json, authorization: 'Bearer ${step1.ticket}'}
                      token_params: {ticket: '${step1.ticket}'}
                token_response: {token: session.token, token_expiration: session.life, token_expiration_strategy: expireIn}
                token_response_headers: [set-cookie, x-shard]
                proxy:
                    base_url: @api
                    headers: {authorization: 'Session ${accessToken}', cookie: '${credentials._cookies}'}
                credentials:
                    userName: {type: string, title: User, description: User}
                    password: {type: string, title: Password, description: Password}
                connection_config:
                    site: {type: string, title: Site, description: Site}
            again:
                display_name: Login with refresh
                docs: https://docs.example
                auth_mode: TWO_STEP
                token_url: @api/login
                body_format: form
                token_params: {key: '${credentials.accessKey}'}
                refresh_url: @api/renew
                refresh_token_params: {renew: '${credentials.refresh_token}'}
                token_response: {token: access, refresh_token: renewal, token_expiration: until}
                proxy: {base_url: @api}
                credentials:
                    accessKey: {type: string, title: Key, description: Key}
            jwt:
                display_name: Signed
                docs: https://docs.example
                auth_mode: JWT
                signature: {protocol: RSA}
                token:
                    signing_key: ${credentials.privateKey}
                    expires_in_ms: 600000
                    header: {alg: RS256, kid: '${credentials.keyId}', typ: JWT}
                    payload:
                        iss: ${credentials.issuer}
                        sub: ${credentials.missing}
                        scope: ['${connectionConfig.scopes}']
                proxy: {base_url: @api}
                credentials:
                    issuer: {type: string, title: Issuer, description: Issuer}
                    keyId: {type: string, title: Key id, description: Key id}
                    privateKey: {type: string, title: Key, description: Key}
                    missing: {type: string, title: Subject, description: Subject, optional: true}
                connection_config:
                    scopes: {type: string, title: Scopes, description: Scopes}
            wsse:
                display_name: Signature
                docs: https://docs.example
                auth_mode: SIGNATURE
                signature: {protocol: WSSE}
                token: {expires_in_ms: 300000}
                proxy: {base_url: @api, headers: {x-wsse: '${accessToken}'}}
            bill:
                display_name: Bill
                docs: https://docs.example
                auth_mode: BILL
                token_url: @api/login
                proxy: {base_url: @api, headers: {sessionid: '${credentials.session_id}', devkey: '${credentials.dev_key}'}}
            app:
                display_name: App
                docs: https://docs.example
                auth_mode: APP
                authorization_url: '${connectionConfig.appPublicLink}/installations/new'
                token_url: '@api/app/installations/${connectionConfig.installation_id}/access_tokens'
                proxy: {base_url: @api}
            """;

    @BeforeAll
    static void start() throws Exception {
        api = new ScriptedApi();
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        pair = generator.generateKeyPair();
        server = TestServer.with(
                List.of(Files.writeString(folder.resolve("own.yaml"), DEFINITIONS.replace("@api", api.url()))));
        for (var provider : List.of(
                "key", "basic", "open", "tba", "cc", "cc-basic", "cc-jwk", "login", "again", "jwt", "wsse", "bill")) {
            server.client().createIntegration(Map.of("provider", provider, "unique_key", provider));
        }
        server.client()
                .createIntegration(new HashMap<>(Map.of(
                        "provider",
                        "app",
                        "unique_key",
                        "app",
                        "credentials",
                        Map.of(
                                "type",
                                "APP",
                                "app_id",
                                "77",
                                "app_link",
                                "https://github.example/apps/x",
                                "private_key",
                                pkcs1()))));
    }

    /** The key as GitHub hands it out: what PKCS#8 wraps. */
    private static String pkcs1() {
        var whole = pair.getPrivate().getEncoded();
        var inner = java.util.Arrays.copyOfRange(whole, 26, whole.length);
        return "-----BEGIN RSA PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(inner)
                + "\n-----END RSA PRIVATE KEY-----";
    }

    @AfterAll
    static void stop() {
        server.close();
        api.close();
    }

    @BeforeEach
    void accept() {
        api.answers(_ -> Given.json(200, "{}"));
    }

    private static String session(String integration) {
        var reply = server.raw().post("/connect/sessions", """
                {"tags":{"team":"a"},"allowed_integrations":["%s"]}""".formatted(integration));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(201);
        return reply.json().at("/data/token").asString();
    }

    /** Without an API key, as a page does it. */
    private static Reply post(String path, String query, String body) {
        var integration = path.substring(path.lastIndexOf('/') + 1);
        return server.raw()
                .send(
                        "POST",
                        path + "?connect_session_token=" + session(integration) + query,
                        Map.of("Content-Type", "application/json", "Authorization", "none"),
                        BodyPublishers.ofString(body));
    }

    private static Reply connect(String path, String query, String body) {
        var reply = post(path, query, body);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return server.raw()
                .get("/connections/" + reply.json().path("connectionId").asString() + "?provider_config_key="
                        + reply.json().path("providerConfigKey").asString());
    }

    private static ScriptedApi.Asked called(Reply connection) {
        var reply = server.raw()
                .get(
                        "/proxy/things",
                        Map.of(
                                "Provider-Config-Key",
                                connection.json().path("provider_config_key").asString(),
                                "Connection-Id",
                                connection.json().path("connection_id").asString()));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return api.asked().getLast();
    }

    private static Reply renewed(Reply connection) {
        return server.raw()
                .get("/connections/" + connection.json().path("connection_id").asString() + "?provider_config_key="
                        + connection.json().path("provider_config_key").asString() + "&force_refresh=true");
    }

    private static Instant expiry(Reply connection) {
        return Instant.parse(connection.json().at("/credentials/expires_at").asString());
    }

    @Test
    void keys_and_passwords_are_tried_and_stored_with_the_sessions_tags() {
        var key = connect("/api-auth/api-key/key", "&params[site]=x", "{\"apiKey\":\"k-1\"}");
        var basic = connect("/api-auth/basic/basic", "", "{\"username\":\"u\",\"password\":\"\"}");

        assertThat(key.json().path("credentials").toString()).isEqualTo("{\"type\":\"API_KEY\",\"apiKey\":\"k-1\"}");
        assertThat(key.json().at("/tags/team").asString()).isEqualTo("a");
        assertThat(key.json().at("/connection_config/site").asString()).isEqualTo("x");
        assertThat(basic.json().at("/credentials/username").asString()).isEqualTo("u");
        api.answers(_ -> Given.json(401, "{}"));
        var refused = post("/api-auth/api-key/key", "", "{\"apiKey\":\"k-2\"}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isEqualTo("connection_test_failed");
    }

    @Test
    void nothing_is_needed_for_an_open_api() {
        var open = connect("/auth/unauthenticated/open", "", "");

        assertThat(open.json().path("credentials")).isEmpty();
    }

    @Test
    void a_token_based_connection_keeps_its_client() {
        var tba = connect("/auth/tba/tba", "&params[accountId]=1", """
                {"token_id":"t","token_secret":"s","oauth_client_id_override":"c","oauth_client_secret_override":"cs"}""");

        assertThat(tba.json().at("/connection_config/oauth_client_id").asString())
                .isEqualTo("c");
        api.answers(_ -> Given.json(401, "{}"));
        assertThat(post("/auth/tba/tba", "&params[accountId]=1", "{\"token_id\":\"t\",\"token_secret\":\"s\"}")
                        .code())
                .isEqualTo("invalid_credentials");
        accept();
        assertThat(called(tba).header("authorization")).contains("oauth_consumer_key=\"c\"", "oauth_token=\"t\"");
    }

    @Test
    void a_client_gets_its_token_and_another_one_when_it_expires() {
        api.answers(
                asked -> Given.json(200, "{\"access_token\":\"t-1\",\"expires_in\":60,\"account\":{\"id\":\"a-1\"}}"));

        var cc = connect("/oauth2/auth/cc", "&params[tenant]=acme", "{\"client_id\":\"id\",\"client_secret\":\"sec\"}");

        assertThat(api.asked()).hasSize(2);
        var asked = api.asked().getFirst();
        assertThat(asked.path()).isEqualTo("/acme/token");
        assertThat(asked.text().split("&"))
                .containsExactlyInAnyOrder(
                        "client_id=id", "client_secret=sec", "grant_type=client_credentials", "audience=urn%3Aacme");
        assertThat(cc.json().at("/credentials/token").asString()).isEqualTo("t-1");
        assertThat(cc.json().path("connection_config").path("account.id").asString())
                .isEqualTo("a-1");
        assertThat(called(cc).header("authorization")).isEqualTo("Bearer t-1");
    }

    @Test
    void a_client_may_be_named_by_a_header_and_ask_in_the_query() {
        api.answers(_ -> Given.json(200, "{\"data\":{\"token\":\"t-2\"},\"expires_in\":3600000}"));

        var cc = connect("/oauth2/auth/cc-basic", "", "{\"client_id\":\"id\",\"client_secret\":\"sec\"}");

        assertThat(api.asked()).singleElement().satisfies(asked -> {
            assertThat(asked.query()).isEqualTo("v=1&grant_type=client_credentials");
            assertThat(asked.header("authorization")).isEqualTo("Basic " + base64("id:sec"));
            assertThat(asked.text()).isEmpty();
        });
        assertThat(expiry(cc))
                .isBetween(Instant.now().plusSeconds(3500), Instant.now().plusSeconds(3600));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** RFC 7523. */
    @Test
    void a_client_may_sign_an_assertion() throws Exception {
        api.answers(_ -> Given.json(200, "{\"access_token\":\"t-3\"}"));
        var jwk = new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                .privateKey((RSAPrivateKey) pair.getPrivate())
                .keyID("k-1")
                .build();

        var cc = connect(
                "/oauth2/auth/cc-jwk",
                "",
                RawClient.JSON.writeValueAsString(Map.of("client_id", "id", "client_private_key", jwk.toJSONString())));

        var form = java.net.URLDecoder.decode(api.asked().getFirst().text(), StandardCharsets.UTF_8);
        assertThat(form).contains("client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        var assertion = JWSObject.parse(form.replaceAll(".*client_assertion=([^&]+).*", "$1"));
        assertThat(assertion.verify(new RSASSAVerifier((RSAPublicKey) pair.getPublic())))
                .isTrue();
        assertThat(assertion.getHeader().getKeyID()).isEqualTo("k-1");
        assertThat(assertion.getPayload().toJSONObject())
                .containsEntry("iss", "id")
                .containsEntry("sub", "id")
                .containsEntry("aud", api.url() + "/token")
                .containsKeys("jti", "iat", "exp");
        assertThat(expiry(cc)).isAfter(Instant.now().plusSeconds(54 * 60));
    }

    @Test
    void a_refused_client_gets_the_reason() {
        api.answers(_ -> Given.json(401, "{\"error\":\"invalid_client\"}"));

        var refused = post("/oauth2/auth/cc", "&params[tenant]=a", "{\"client_id\":\"id\",\"client_secret\":\"sec\"}");
        var incomplete = post("/oauth2/auth/cc", "&params[tenant]=a", "{\"client_id\":\"id\"}");
        var nowhere = post("/oauth2/auth/cc", "", "{\"client_id\":\"id\",\"client_secret\":\"sec\"}");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isEqualTo("client_credentials_fetch_error");
        assertThat(refused.json().at("/error/message").asString()).contains("invalid_client");
        assertThat(incomplete.code()).isEqualTo("missing_client_secret");
        assertThat(nowhere.code()).isEqualTo("missing_token_url");
    }

    @Test
    void a_login_runs_all_its_steps_and_runs_again_when_its_token_expires() {
        api.answers(asked -> switch (asked.path()) {
            case "/login" ->
                new Given(
                        200,
                        Map.of("content-type", "application/json", "set-cookie", "a=1; Path=/", "x-shard", "s9"),
                        "{\"ticket\":\"tick\"}".getBytes(StandardCharsets.UTF_8));
            case "/sites/north" ->
                new Given(
                        200,
                        Map.of("content-type", "application/json", "set-cookie", "b=2; Secure"),
                        "{\"session\":{\"token\":\"tok\",\"life\":\"2h\"}}".getBytes(StandardCharsets.UTF_8));
            default -> Given.json(200, "{}");
        });

        var login = connect(
                "/auth/two-step/login",
                "&params[site]=north",
                "{\"type\":\"TWO_STEP\",\"userName\":\"ada\",\"password\":\"p\"}");

        assertThat(api.asked()).hasSize(2);
        assertThat(api.asked().getFirst().text())
                .isEqualTo("{\"user\":\"ada\",\"nested\":{\"password\":\"p\",\"list\":[\"ada\"],\"number\":1}}");
        assertThat(api.asked().getFirst().header("x-user")).isEqualTo("ada");
        assertThat(api.asked().getLast().header("authorization")).isEqualTo("Bearer tick");
        assertThat(api.asked().getLast().text()).isEqualTo("{\"ticket\":\"tick\"}");
        var credentials = login.json().path("credentials");
        assertThat(credentials.path("type").asString()).isEqualTo("TWO_STEP");
        assertThat(credentials.path("userName").asString()).isEqualTo("ada");
        assertThat(credentials.path("token").asString()).isEqualTo("tok");
        assertThat(credentials.path("_cookies").asString()).isEqualTo("a=1; b=2");
        assertThat(credentials.path("x-shard").asString()).isEqualTo("s9");
        assertThat(credentials.at("/raw/session/token").asString()).isEqualTo("tok");
        assertThat(expiry(login))
                .isBetween(Instant.now().plusSeconds(7100), Instant.now().plusSeconds(7200));
        var called = called(login);
        assertThat(called.header("authorization")).isEqualTo("Session tok");
        assertThat(called.header("cookie")).isEqualTo("a=1; b=2");
        assertThat(renewed(login).status()).isEqualTo(200);
        assertThat(api.asked()).hasSize(5);
    }

    @Test
    void a_login_that_fails_names_the_cause() {
        api.answers(_ -> Given.json(401, "{\"message\":\"wrong password\"}"));
        var wrong = post("/auth/two-step/login", "&params[site]=n", "{\"userName\":\"a\",\"password\":\"p\"}");
        api.answers(_ -> Given.json(200, "{\"ticket\":\"t\"}"));
        var empty = post("/auth/two-step/login", "&params[site]=n", "{\"userName\":\"a\",\"password\":\"p\"}");

        assertThat(wrong.code()).isEqualTo("two_step_credentials_fetch_error");
        assertThat(wrong.json().at("/error/message").asString()).contains("wrong password");
        assertThat(wrong.json().at("/error/payload").asString()).contains("wrong password");
        assertThat(empty.code()).isEqualTo("invalid_two_step_credentials");
    }

    @Test
    void a_login_with_a_refresh_token_does_not_log_in_again() {
        api.answers(asked -> Given.json(
                200,
                asked.path().equals("/login")
                        ? "{\"access\":\"a-1\",\"renewal\":\"r-1\",\"until\":\"2030-01-01T00:00:00Z\"}"
                        : "{\"access\":\"a-2\",\"renewal\":\"r-2\",\"until\":\"2031-01-01T00:00:00Z\"}"));

        var login = connect("/auth/two-step/again", "", "{\"accessKey\":\"k\"}");
        var renewed = renewed(login);

        assertThat(api.asked()).extracting(ScriptedApi.Asked::text).containsExactly("key=k", "renew=r-1");
        assertThat(login.json().at("/credentials/raw").toString()).doesNotContain("r-1");
        assertThat(login.json().path("credentials").has("refresh_token")).isFalse();
        assertThat(renewed.json().at("/credentials/token").asString()).isEqualTo("a-2");
        assertThat(expiry(renewed)).isEqualTo(Instant.parse("2031-01-01T00:00:00Z"));
    }

    @Test
    void a_signed_token_is_made_here_and_made_again() throws Exception {
        var key = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----";

        var jwt = connect(
                "/auth/jwt/jwt",
                "&params[scopes]=read,write",
                RawClient.JSON.writeValueAsString(
                        Map.of("type", "JWT", "issuer", "me", "keyId", "k-9", "privateKey", key)));

        var token = JWSObject.parse(jwt.json().at("/credentials/token").asString());
        assertThat(token.verify(new RSASSAVerifier((RSAPublicKey) pair.getPublic())))
                .isTrue();
        assertThat(token.getHeader().getKeyID()).isEqualTo("k-9");
        assertThat(token.getPayload().toJSONObject())
                .containsEntry("iss", "me")
                .containsEntry("scope", List.of("read", "write"))
                .doesNotContainKey("sub");
        assertThat(jwt.json().at("/credentials/issuer").asString()).isEqualTo("me");
        assertThat(expiry(jwt))
                .isBetween(Instant.now().plusSeconds(500), Instant.now().plusSeconds(600));
        // Its life is shorter than the usual margin: each reading makes another one.
        assertThat(renewed(jwt).status()).isEqualTo(200);
        assertThat(post("/auth/jwt/jwt", "", "{\"issuer\":\"me\",\"keyId\":\"k\",\"privateKey\":\"none\"}")
                        .code())
                .isEqualTo("jwt_create_failed");
    }

    @Test
    void a_user_token_is_signed_for_each_five_minutes() {
        var wsse =
                connect("/auth/signature/wsse", "", "{\"type\":\"SIGNATURE\",\"username\":\"u\",\"password\":\"p\"}");

        assertThat(called(wsse).header("x-wsse")).startsWith("UsernameToken Username=\"u\", PasswordDigest=\"");
    }

    @Test
    void a_session_is_begun_at_bill() {
        api.answers(_ -> Given.json(200, "{\"sessionId\":\"s-1\",\"userId\":\"u-1\"}"));

        var bill = connect(
                "/auth/bill/bill",
                "",
                "{\"username\":\"u\",\"password\":\"p\",\"organization_id\":\"o\",\"dev_key\":\"d\"}");

        assertThat(api.asked().getFirst().text())
                .isEqualTo("{\"username\":\"u\",\"password\":\"p\",\"organizationId\":\"o\",\"devKey\":\"d\"}");
        assertThat(bill.json().at("/credentials/user_id").asString()).isEqualTo("u-1");
        assertThat(called(bill).header("sessionid")).isEqualTo("s-1");
    }

    @Test
    void an_installed_app_gets_its_token_when_it_is_first_wanted() throws Exception {
        api.answers(_ -> Given.json(
                201, "{\"token\":\"ghs-1\",\"expires_at\":\"" + Instant.now().plusSeconds(3600) + "\"}"));
        server.raw().post("/connections", """
                {"provider_config_key":"app","connection_id":"app-1",\
                "credentials":{"type":"APP","app_id":"77","installation_id":"5"}}""");

        var app = server.raw().get("/connections/app-1?provider_config_key=app");

        assertThat(app.json().at("/credentials/access_token").asString()).isEqualTo("ghs-1");
        assertThat(api.asked()).singleElement().satisfies(asked -> {
            assertThat(asked.path()).isEqualTo("/app/installations/5/access_tokens");
            assertThat(asked.header("accept")).isEqualTo("application/vnd.github.v3+json");
        });
        var jwt = JWSObject.parse(api.asked().getFirst().header("authorization").replace("Bearer ", ""));
        assertThat(jwt.verify(new RSASSAVerifier((RSAPublicKey) pair.getPublic())))
                .isTrue();
        assertThat(jwt.getPayload().toJSONObject()).containsEntry("iss", "77");
        accept();
        assertThat(called(app).header("authorization")).isEqualTo("Bearer ghs-1");
    }
}
