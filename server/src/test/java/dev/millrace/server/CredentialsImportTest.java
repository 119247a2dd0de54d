package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Imports of every kind of credentials: what is refused, what is tried out, and what their calls carry. */
class CredentialsImportTest {
    @TempDir
    static Path folder;

    private static ScriptedApi api;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        api = new ScriptedApi();
        var definitions = Files.writeString(folder.resolve("own.yaml"), DEFINITIONS.replace("@api", api.url()));
        server = TestServer.with(List.of(definitions));
        for (var provider : List.of("key", "basic", "oauth2", "cc", "oauth1", "unsigned", "tba", "none")) {
            var integration = new HashMap<String, Object>(Map.of("provider", provider, "unique_key", provider));
            switch (provider) {
                case "oauth2" ->
                    integration.put(
                            "credentials",
                            Map.of("type", "OAUTH2", "client_id", "cid", "client_secret", "csecret", "scopes", ""));
                case "oauth1", "unsigned" ->
                    integration.put(
                            "credentials",
                            Map.of("type", "OAUTH1", "client_id", "cid", "client_secret", "csecret", "scopes", ""));
                default -> {}
            }
            server.client().createIntegration(integration);
        }
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

    private static final String DEFINITIONS = """
            key:
                display_name: Key
                docs: https://docs.example
                auth_mode: API_KEY
                proxy:
                    base_url: @api/${connectionConfig.site}
                    headers:
                        x-api-key: ${apiKey}
                    verification:
                        method: POST
                        endpoints: ['/first?site=${connectionConfig.site}', '/second/${credentials.apiKey}']
                        headers:
                            x-check: 'yes'
                        data: {ping: true}
                credentials:
                    apiKey: {type: string, title: Key, description: Key}
                connection_config:
                    site: {type: string, title: Site, description: Site, format: hostname}
            basic:
                display_name: Basic
                docs: https://docs.example
                auth_mode: BASIC
                proxy:
                    base_url: @api
                    verification:
                        base_url_override: @api/other
                        endpoints: [/me]
            oauth2:
                display_name: OAuth2
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: @api/authorize
                token_url: @api/token
                proxy:
                    base_url: @api
                    headers:
                        x-client: ${clientId}
                    verification:
                        endpoints: [/me]
            cc:
                display_name: Client credentials
                docs: https://docs.example
                auth_mode: OAUTH2_CC
                token_url: @api/token
                proxy: {base_url: @api}
            oauth1:
                display_name: OAuth1
                docs: https://docs.example
                auth_mode: OAUTH1
                request_url: @api/request
                authorization_url: @api/authorize
                token_url: @api/access
                proxy: {base_url: @api}
            unsigned:
                display_name: OAuth1
                docs: https://docs.example
                auth_mode: OAUTH1
                signature_method: PLAINTEXT
                request_url: @api/request
                authorization_url: @api/authorize
                token_url: @api/access
                proxy: {base_url: @api}
            tba:
                display_name: Token based
                docs: https://docs.example
                auth_mode: TBA
                proxy: {base_url: @api}
            none:
                display_name: None
                docs: https://docs.example
                auth_mode: NONE
                proxy: {base_url: @api}
            """;

    private static Reply imported(String integration, String credentials, String config) {
        return server.raw().post("/connections", """
                {"provider_config_key":"%s","connection_id":"%1$s-1","credentials":%s,"connection_config":%s}\
                """.formatted(integration, credentials, config));
    }

    private static ScriptedApi.Asked called(String integration, String path) {
        var reply = server.raw()
                .get("/proxy" + path, Map.of("Provider-Config-Key", integration, "Connection-Id", integration + "-1"));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return api.asked().getLast();
    }

    @Test
    void a_key_is_good_when_one_of_the_endpoints_takes_it() {
        api.answers(asked -> Given.json(asked.path().endsWith("/first") ? 403 : 204, ""));

        var reply = imported("key", "{\"type\":\"API_KEY\",\"apiKey\":\"k-1\"}", "{\"site\":\"acme\"}");

        assertThat(reply.status()).as(reply.toString()).isEqualTo(201);
        assertThat(api.asked())
                .extracting(asked -> asked.method() + ' ' + asked.path() + '?' + asked.query())
                .containsExactly("POST /acme/first?site=acme", "POST /acme/second/k-1?");
        assertThat(api.asked()).allSatisfy(asked -> {
            assertThat(asked.header("x-api-key")).isEqualTo("k-1");
            assertThat(asked.header("x-check")).isEqualTo("yes");
            assertThat(asked.header("content-type")).isEqualTo("application/json");
            assertThat(asked.text()).isEqualTo("{\"ping\":true}");
        });
        accept();
        assertThat(called("key", "/things").header("x-api-key")).isEqualTo("k-1");
    }

    @Test
    void a_key_that_no_endpoint_takes_is_neither_stored_nor_tried_twice() {
        api.answers(_ -> Given.json(401, "{}"));

        var reply = server.raw().post("/connections", """
                {"provider_config_key":"key","connection_id":"refused","connection_config":{"site":"acme"},\
                "credentials":{"type":"API_KEY","apiKey":"wrong"}}""");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("connection_test_failed");
        assertThat(reply.json().at("/error/message").asString())
                .contains("/second/${credentials.apiKey} was answered with 401")
                .doesNotContain("wrong");
        assertThat(api.asked()).hasSize(2);
        assertThat(server.raw()
                        .get("/connections/refused?provider_config_key=key")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void a_refused_replacement_leaves_the_connection_as_it_was() {
        imported("basic", "{\"type\":\"BASIC\",\"username\":\"u\",\"password\":\"old\"}", "{}");
        api.answers(_ -> Given.json(403, "{}"));

        var reply = imported("basic", "{\"type\":\"BASIC\",\"username\":\"u\",\"password\":\"new\"}", "{}");

        assertThat(reply.code()).isEqualTo("connection_test_failed");
        var kept = server.raw().get("/connections/basic-1?provider_config_key=basic");
        assertThat(kept.json().at("/credentials/password").asString()).isEqualTo("old");
    }

    @Test
    void basic_takes_empty_parts_and_is_tried_out_at_the_override() {
        var reply = imported("basic", "{\"type\":\"BASIC\",\"username\":\"user\",\"password\":\"\"}", "{}");

        assertThat(reply.status()).as(reply.toString()).isEqualTo(201);
        assertThat(api.asked())
                .singleElement()
                .extracting(ScriptedApi.Asked::path)
                .isEqualTo("/other/me");
        assertThat(called("basic", "/x").header("authorization")).isEqualTo("Basic dXNlcjo=");
    }

    @Test
    void tokens_are_not_tried_out() {
        api.answers(_ -> Given.json(401, "{}"));
        var oauth2 = imported("oauth2", "{\"type\":\"OAUTH2\",\"access_token\":\"t-1\"}", "{}");
        var cc = imported(
                "cc", "{\"type\":\"OAUTH2_CC\",\"token\":\"t-2\",\"client_id\":\"i\",\"client_secret\":\"s\"}", "{}");

        assertThat(oauth2.status()).as(oauth2.toString()).isEqualTo(201);
        assertThat(cc.status()).as(cc.toString()).isEqualTo(201);
        assertThat(api.asked()).isEmpty();
        accept();
        assertThat(called("oauth2", "/x").header("authorization")).isEqualTo("Bearer t-1");
        assertThat(called("oauth2", "/x").header("x-client")).isEqualTo("cid");
        assertThat(called("cc", "/x").header("authorization")).isEqualTo("Bearer t-2");
    }

    @Test
    void oauth1_signs_each_call() {
        var credentials = "{\"type\":\"OAUTH1\",\"oauth_token\":\"tok\",\"oauth_token_secret\":\"toksecret\"}";
        imported("oauth1", credentials, "{}");
        imported("unsigned", credentials, "{}");

        var first = called("oauth1", "/x?b=1&a=2").header("authorization");
        var second = called("oauth1", "/x?b=1&a=2").header("authorization");

        assertThat(first)
                .startsWith("OAuth oauth_consumer_key=\"cid\"")
                .contains("oauth_signature_method=\"HMAC-SHA1\"", "oauth_token=\"tok\"");
        assertThat(second).isNotEqualTo(first);
        assertThat(called("unsigned", "/x").header("authorization"))
                .contains("oauth_signature=\"csecret%26toksecret\"");
    }

    @Test
    void token_based_calls_name_the_account() {
        var credentials = """
                {"type":"TBA","token_id":"ti","token_secret":"ts",\
                "config_override":{"client_id":"own","client_secret":"ownsecret"}}""";
        var reply = imported("tba", credentials, "{\"accountId\":\"123-sb1\"}");

        assertThat(reply.status()).as(reply.toString()).isEqualTo(201);
        assertThat(called("tba", "/x").header("authorization"))
                .startsWith("OAuth realm=\"123_SB1\", oauth_consumer_key=\"own\"")
                .contains("oauth_signature_method=\"HMAC-SHA256\"", "oauth_token=\"ti\"");
        assertThat(imported("tba", credentials, "{}")
                        .json()
                        .at("/error/message")
                        .asString())
                .isEqualTo("Missing accountId in connection_config. This is required to create a TBA connection.");
    }

    @Test
    void none_carries_nothing() {
        imported("none", "{\"type\":\"NONE\"}", "{}");

        assertThat(called("none", "/x").headers()).doesNotContainKey("authorization");
    }

    @Test
    void a_host_name_is_one() {
        var reply = imported("key", "{\"type\":\"API_KEY\",\"apiKey\":\"k\"}", "{\"site\":\"evil.example/\"}");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid_body");
        assertThat(reply.json().at("/error/message").asString()).contains("connection_config.site is 'evil.example/'");
        assertThat(api.asked()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "key|{\"type\":\"API_KEY\"}|credentials.apiKey invalid_type",
                "key|{\"type\":\"API_KEY\",\"apiKey\":\"\"}|credentials.apiKey too_small",
                "key|{\"type\":\"API_KEY\",\"apiKey\":1}|credentials.apiKey invalid_type",
                "key|{\"type\":\"API_KEY\",\"apiKey\":\"k\",\"more\":1}|credentials unrecognized_keys",
                "basic|{\"type\":\"BASIC\",\"username\":\"u\"}|credentials.password invalid_type",
                "oauth2|{\"type\":\"OAUTH2\"}|credentials.access_token invalid_type",
                "oauth2|{\"type\":\"OAUTH2\",\"access_token\":\"t\",\"expires_at\":\"soon\"}|credentials.expires_at invalid_type",
                "cc|{\"type\":\"OAUTH2_CC\",\"token\":\"t\",\"client_id\":\"i\"}|credentials.client_secret invalid_type",
                "oauth1|{\"type\":\"OAUTH1\",\"oauth_token\":\"t\"}|credentials.oauth_token_secret invalid_type",
                "none|{\"type\":\"JWT\",\"token\":\"t\"}|credentials.type invalid_union",
                "none|{}|credentials.type invalid_union",
            })
    void what_does_not_fit_is_named(String integration, String credentials, String issue) {
        var reply = imported(integration, credentials, "{}");

        assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid_body");
        assertThat(reply.json().at("/error/errors"))
                .extracting(error -> String.join(
                                ".",
                                error.path("path")
                                        .valueStream()
                                        .map(p -> p.asString())
                                        .toList())
                        + ' '
                        + error.path("code").asString())
                .containsExactly(issue);
    }
}
