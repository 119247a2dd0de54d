package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.LoginBrowser.Left;
import dev.millrace.server.credential.signature.Digests;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a definition says about providers that deviate: unusual token calls, calls after connecting and before deleting. */
class ProviderRulesTest {
    private static final String DEFINITIONS = """
            wrapped:
                display_name: Wrapped
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: https://login.example/authorize
                token_url: @api/token
                body_format: json
                token_rules:
                    headers: {X-Version: '2'}
                    names: {client_id: app_id, client_secret: secret, code: auth_code, redirect_uri: ''}
                    answer:
                        access_token: data.token
                        refresh_token: data.again
                        expires_in: data.life
                    success: {path: code, equals: '0'}
                proxy: {base_url: @api}
            long:
                display_name: Long-lived
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: https://login.example/authorize
                token_url: @api/token
                token_rules:
                    method: GET
                    swap:
                        url: @api/swap
                        method: GET
                        params: {grant_type: swap, client_secret: '${clientSecret}', token: '${accessToken}'}
                    renewal:
                        url: @api/renew
                        method: GET
                        params: {token: '${accessToken}'}
                proxy: {base_url: @api}
            silent:
                display_name: Silent
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: https://login.example/authorize
                token_url: @api/token
                token_rules: {life: 7200}
                proxy: {base_url: @api}
            signed:
                display_name: Signed
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: https://login.example/authorize
                token_url: @api/rest/auth/token/create
                refresh_url: @api/rest/auth/token/refresh
                disable_pkce: true
                token_params: {timestamp: '${now:x}', sign_method: sha256}
                token_rules:
                    names: {client_id: app_key, client_secret: '', redirect_uri: '', grant_type: ''}
                    sign: {name: sign, over: '/auth/token/create${parameters}', key: '${clientSecret}', encoding: HEX}
                    refresh:
                        sign: {name: sign, over: '/auth/token/refresh${parameters}', encoding: HEX}
                proxy: {base_url: @api}
            renamed:
                display_name: Renamed
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: https://login.example/authorize
                token_url: @api/token
                token_rules:
                    headers: {authorization: 'Basic ${base64(${clientId}:${clientSecret})}'}
                    temporary: [Access Denied]
                    refresh:
                        method: GET
                        names: {refresh_token: renew_with}
                        answer: {access_token: result.fresh, expires_in: result.seconds}
                proxy: {base_url: @api}
            asked:
                display_name: Asked for its expiry
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: https://login.example/authorize
                token_url: @api/token
                token_response_metadata: [instance_url]
                token_rules:
                    life: 7200
                    expiry:
                        url: ${answer.instance_url}/services/oauth2/introspect
                        params:
                            token: ${accessToken}
                            token_type_hint: access_token
                            client_id: ${clientId}
                            client_secret: ${clientSecret}
                        path: exp
                proxy: {base_url: '${connectionConfig.instance_url}'}
                connection_config:
                    instance_url: {type: string, title: Instance, description: Its address, automated: true}
            machine:
                display_name: Client credentials of its own kind
                docs: https://docs.example
                auth_mode: OAUTH2_CC
                token_url: @api/token
                token_params: {grant_type: client_credentials}
                body_format: json
                token_rules:
                    names: {client_id: appId, client_secret: appSecret}
                    answer: {access_token: result.token, expires_in: result.seconds}
                    success: {path: code, equals: '0'}
                proxy: {base_url: @api}
            steps:
                display_name: Steps
                docs: https://docs.example
                auth_mode: API_KEY
                proxy:
                    base_url: @api
                    headers: {x-api-key: '${apiKey}'}
                    verification: {endpoints: [/check], expect: {ok: 'true'}}
                post_connection:
                    requests:
                        - endpoint: /me
                        - method: POST
                          endpoint: /accounts/${step1.user.id}
                          headers: {x-user: '${step1.user.id}'}
                          data: {names: ['${step1.user.name}'], count: 1, gone: '${step1.nothing}'}
                    connection_config:
                        accountId: ${step2.account.id}
                        nothing: ${step2.nothing}
                pre_connection_deletion:
                    requests:
                        - method: POST
                          endpoint: /revoke
                          data: {key: '${apiKey}'}
                credentials:
                    apiKey: {type: string, title: Key, description: Key}
            """;

    @TempDir
    static Path folder;

    private static ScriptedApi api;
    private static TestServer server;
    private static LoginBrowser browser;

    @BeforeAll
    static void start() throws IOException {
        api = new ScriptedApi();
        var file = Files.writeString(folder.resolve("providers.yaml"), DEFINITIONS.replace("@api", api.url()));
        server = TestServer.with(List.of(file));
        browser = new LoginBrowser(server);
        for (var name : List.of("wrapped", "long", "silent", "signed", "renamed", "asked")) {
            server.client()
                    .createIntegration(Map.of(
                            "provider",
                            name,
                            "unique_key",
                            name,
                            "credentials",
                            Map.of("type", "OAUTH2", "client_id", "id-1", "client_secret", "secret-1")));
        }
        server.client().createIntegration(Map.of("provider", "machine", "unique_key", "machine"));
        server.client().createIntegration(Map.of("provider", "steps", "unique_key", "steps"));
    }

    @AfterAll
    static void stop() {
        browser.close();
        server.close();
        api.close();
    }

    private static List<Asked> asked(String path) {
        return api.asked().stream().filter(one -> one.path().equals(path)).toList();
    }

    private static RawClient.Reply connect(String integration) {
        var left = Left.of(browser.begin(integration, ""));
        return browser.get("/oauth/callback?state=" + left.state() + "&code=c1", left.cookie());
    }

    private static RawClient.Reply renew(String integration) {
        var id = browser.onlyConnection(integration).get("connection_id").stringValue();
        return server.raw()
                .get("/connections/" + id + "?refresh_token=true&force_refresh=true&provider_config_key="
                        + integration);
    }

    @Test
    void a_wrapped_answer_is_read_and_a_failure_in_it_is_one() {
        api.answers(one -> Given.json(200, "{\"code\":0,\"data\":{\"token\":\"t1\",\"again\":\"r1\",\"life\":3600}}"));
        assertThat(connect("wrapped").status()).isEqualTo(200);
        var call = asked("/token").getFirst();
        assertThat(call.header("x-version")).isEqualTo("2");
        assertThat(call.header("content-type")).startsWith("application/json");
        var body = RawClient.JSON.readTree(call.body());
        assertThat(body.get("app_id").stringValue()).isEqualTo("id-1");
        assertThat(body.get("secret").stringValue()).isEqualTo("secret-1");
        assertThat(body.get("auth_code").stringValue()).isEqualTo("c1");
        assertThat(body.has("redirect_uri")).isFalse();
        var connection = browser.onlyConnection("wrapped");
        assertThat(connection.at("/credentials/access_token").stringValue()).isEqualTo("t1");
        assertThat(connection.at("/credentials/refresh_token").stringValue()).isEqualTo("r1");
        assertThat(connection.at("/credentials").has("expires_at")).isTrue();

        api.answers(_ -> Given.json(200, "{\"code\":7,\"message\":\"no such user\"}"));
        var refused = connect("wrapped");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).contains("no such user");
    }

    @Test
    void a_token_is_swapped_for_one_that_lives_longer_and_renews_itself() {
        api.answers(one -> Given.json(
                200, "{\"access_token\":\"of" + one.path().replace('/', '-') + "\",\"expires_in\":5184000}"));
        assertThat(connect("long").status()).isEqualTo(200);
        assertThat(asked("/token").getFirst().method()).isEqualTo("GET");
        assertThat(LoginBrowser.pairs(asked("/swap").getFirst().query()))
                .containsEntry("token", "of-token")
                .containsEntry("client_secret", "secret-1");
        assertThat(browser.onlyConnection("long")
                        .at("/credentials/access_token")
                        .stringValue())
                .isEqualTo("of-swap");
        assertThat(renew("long").json().at("/credentials/access_token").stringValue())
                .isEqualTo("of-renew");
        assertThat(LoginBrowser.pairs(asked("/renew").getFirst().query())).containsEntry("token", "of-swap");
    }

    @Test
    void a_token_that_does_not_tell_its_life_gets_the_usual_one() {
        api.answers(_ -> Given.json(200, "{\"access_token\":\"t\",\"refresh_token\":\"r\"}"));
        assertThat(connect("silent").status()).isEqualTo(200);
        assertThat(browser.onlyConnection("silent").at("/credentials").has("expires_at"))
                .isTrue();
    }

    /** The signature of marketplaces (Lazada): over the path and all parameters in their order. */
    @Test
    void token_calls_are_signed() {
        api.answers(_ -> Given.json(
                200, "{\"access_token\":\"t\",\"refresh_token\":\"r\",\"expires_in\":604800,\"code\":\"0\"}"));
        assertThat(connect("signed").status()).isEqualTo(200);
        isSigned("/auth/token/create", "code", "c1");
        assertThat(renew("signed").status()).isEqualTo(200);
        isSigned("/auth/token/refresh", "refresh_token", "r");
    }

    private static void isSigned(String path, String name, String value) {
        var form = new TreeMap<>(
                LoginBrowser.pairs(asked("/rest" + path).getFirst().text()));
        assertThat(form)
                .containsEntry("app_key", "id-1")
                .containsEntry(name, value)
                .containsOnlyKeys("app_key", name, "sign", "sign_method", "timestamp");
        var signature = form.remove("sign");
        var text = new StringBuilder(path);
        form.forEach((key, item) -> text.append(key).append(item));
        assertThat(HexFormat.of()
                        .withUpperCase()
                        .formatHex(Digests.hmac("HmacSHA256", "secret-1".getBytes(UTF_8), text.toString())))
                .isEqualTo(signature);
    }

    @Test
    void renewals_have_rules_of_their_own_and_some_refusals_pass() {
        api.answers(_ -> Given.json(200, "{\"access_token\":\"t1\",\"refresh_token\":\"r1\",\"expires_in\":3600}"));
        assertThat(connect("renamed").status()).isEqualTo(200);
        assertThat(asked("/token").getFirst().method()).isEqualTo("POST");
        assertThat(asked("/token").getFirst().header("authorization")).isEqualTo("Basic aWQtMTpzZWNyZXQtMQ==");

        // Zoho's answer to more than ten tokens in ten minutes: the customer need not connect again.
        api.answers(_ -> Given.json(
                400,
                "{\"error_description\":\"You have made too many requests continuously. Please try again after some"
                        + " time.\",\"error\":\"Access Denied\",\"status\":\"failure\"}"));
        assertThat(renew("renamed").text()).contains("has trouble");
        var id = browser.onlyConnection("renamed").get("connection_id").stringValue();
        assertThat(server.raw()
                        .get("/connections/" + id + "?provider_config_key=renamed")
                        .status())
                .isEqualTo(200);

        api.answers(_ -> Given.json(200, "{\"result\":{\"fresh\":\"t2\",\"seconds\":3600}}"));
        var renewed = renew("renamed").json();
        assertThat(renewed.at("/credentials/access_token").stringValue()).isEqualTo("t2");
        assertThat(renewed.at("/credentials/refresh_token").stringValue()).isEqualTo("r1");
        var call = asked("/token").getFirst();
        assertThat(call.method()).isEqualTo("GET");
        assertThat(LoginBrowser.pairs(call.query())).containsEntry("renew_with", "r1");
    }

    /** The answers of Salesforce. */
    @Test
    void a_provider_is_asked_until_when_its_token_is_good() {
        var until = Instant.now().plusSeconds(1800).truncatedTo(ChronoUnit.SECONDS);
        var token =
                "{\"access_token\":\"00D!a\",\"refresh_token\":\"5Aep\",\"instance_url\":\"%s\",\"issued_at\":\"1278448384422\"}"
                        .formatted(api.url());
        api.answers(one -> one.path().endsWith("/introspect")
                ? Given.json(200, "{\"active\":true,\"exp\":" + until.getEpochSecond() + "}")
                : Given.json(200, token));
        assertThat(connect("asked").status()).isEqualTo(200);
        var form = LoginBrowser.pairs(
                asked("/services/oauth2/introspect").getFirst().text());
        assertThat(form)
                .containsEntry("token", "00D!a")
                .containsEntry("client_id", "id-1")
                .containsEntry("client_secret", "secret-1");
        assertThat(expiry("asked")).isEqualTo(until);

        api.answers(one -> one.path().endsWith("/introspect") ? Given.json(500, "{}") : Given.json(200, token));
        assertThat(renew("asked").status()).isEqualTo(200);
        assertThat(expiry("asked")).isAfter(until.plusSeconds(3600));
    }

    private static Instant expiry(String integration) {
        return Instant.parse(browser.onlyConnection(integration)
                .at("/credentials/expires_at")
                .stringValue());
    }

    @Test
    void client_credentials_have_rules_too() {
        api.answers(_ -> Given.json(200, "{\"code\":0,\"result\":{\"token\":\"m1\",\"seconds\":600}}"));
        var path = "/oauth2/auth/machine?connect_session_token=";
        var body = "{\"client_id\":\"own\",\"client_secret\":\"own secret\"}";
        var session = "{\"end_user\":{\"id\":\"u1\"}}";
        assertThat(server.raw().post(path + browser.session(session), body).status())
                .isEqualTo(200);
        var sent = RawClient.JSON.readTree(asked("/token").getFirst().body());
        assertThat(sent.get("appId").stringValue()).isEqualTo("own");
        assertThat(sent.get("appSecret").stringValue()).isEqualTo("own secret");
        assertThat(browser.onlyConnection("machine").at("/credentials/token").stringValue())
                .isEqualTo("m1");

        api.answers(_ -> Given.json(200, "{\"code\":9,\"message\":\"unknown app\"}"));
        var refused = server.raw().post(path + browser.session(session), body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).contains("client_credentials_fetch_error", "unknown app");
    }

    private static RawClient.Reply connectByKey() {
        var token = browser.session("{\"end_user\":{\"id\":\"u1\"}}");
        return server.raw()
                .post("/api-auth/api-key/steps?connect_session_token=" + token, "{\"apiKey\":\"key-12345678\"}");
    }

    @Test
    void steps_follow_connecting_and_precede_deletion() {
        api.answers(one -> switch (one.path()) {
            case "/check" -> Given.json(200, "{\"ok\":true}");
            case "/me" -> Given.json(200, "{\"user\":{\"id\":42,\"name\":\"Ada\"}}");
            case "/accounts/42" -> Given.json(200, "{\"account\":{\"id\":\"a-7\"}}");
            default -> Given.json(200, "{}");
        });
        var id = connectByKey().json().get("connectionId").stringValue();
        var path = "/connections/" + id + "?provider_config_key=steps";
        await().until(() ->
                server.raw().get(path).json().at("/connection_config").has("accountId"));
        assertThat(server.raw().get(path).json().get("connection_config").toString())
                .isEqualTo("{\"accountId\":\"a-7\"}");
        var second = asked("/accounts/42").getFirst();
        assertThat(second.header("x-api-key")).isEqualTo("key-12345678");
        assertThat(second.header("x-user")).isEqualTo("42");
        assertThat(second.text()).isEqualTo("{\"names\":[\"Ada\"],\"count\":1}");

        assertThat(server.raw()
                        .send("DELETE", path, Map.of(), BodyPublishers.noBody())
                        .status())
                .isEqualTo(200);
        assertThat(asked("/revoke").getFirst().text()).isEqualTo("{\"key\":\"key-12345678\"}");
    }

    @Test
    void steps_that_fail_change_nothing() {
        api.answers(one -> one.path().equals("/check")
                ? Given.json(200, "{\"ok\":true}")
                : Given.json(one.path().equals("/me") ? 200 : 500, "{\"user\":{\"id\":42}}"));
        var id = connectByKey().json().get("connectionId").stringValue();
        var path = "/connections/" + id + "?provider_config_key=steps";
        await().until(() -> asked("/accounts/42").size() == 1);
        assertThat(server.raw().get(path).json().get("connection_config")).isEmpty();
        assertThat(server.raw().delete(path).status()).isEqualTo(200);
        assertThat(asked("/revoke")).hasSize(1);
        assertThat(server.raw().get(path).status()).isEqualTo(404);
    }

    @Test
    void an_answer_that_says_no_with_a_good_status_refuses_the_credentials() {
        api.answers(_ -> Given.json(200, "{\"ok\":false}"));
        var reply = connectByKey();
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).contains("connection_test_failed");
    }
}
