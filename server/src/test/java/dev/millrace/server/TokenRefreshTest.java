package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens of OAuth 2.0 that have expired: how they are renewed, and what callers get when that fails. */
class TokenRefreshTest {
    @TempDir
    static Path folder;

    private static ScriptedApi api;
    private static TestServer server;

    private static final String DEFINITIONS = """
            plain:
                display_name: Plain
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: @api/authorize
                token_url: @api/${connectionConfig.site}/token
                token_params: {grant_type: authorization_code, audience: 'aud-${connectionConfig.site}'}
                proxy: {base_url: @api}
                connection_config:
                    site: {type: string, title: Site, description: Site}
            header:
                display_name: Header
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: @api/authorize
                token_url: @api/token
                authorization_method: header
                body_format: json
                refresh_params: {grant_type: refresh, scope: all}
                proxy: {base_url: @api}
            basic:
                display_name: Basic
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: @api/authorize
                token_url: @api/token
                refresh_url: @api/refresh
                token_request_auth_method: basic
                alternate_access_token_response_path: data.user
                token_expiration_buffer: 60
                proxy: {base_url: @api}
            """;

    @BeforeAll
    static void start() throws IOException {
        api = new ScriptedApi();
        var definitions = Files.writeString(folder.resolve("own.yaml"), DEFINITIONS.replace("@api", api.url()));
        server = TestServer.with(List.of(definitions));
        for (var provider : List.of("plain", "header", "basic")) {
            server.client()
                    .createIntegration(new HashMap<>(Map.of(
                            "provider",
                            provider,
                            "unique_key",
                            provider,
                            "credentials",
                            Map.of("type", "OAUTH2", "client_id", "c id", "client_secret", "s:1", "scopes", ""))));
        }
    }

    @AfterAll
    static void stop() {
        server.close();
        api.close();
    }

    @BeforeEach
    void answer() {
        api.answers(_ -> Given.json(200, "{\"access_token\":\"new\",\"expires_in\":3600}"));
    }

    private static void connect(String integration, String id, Duration goodFor, String more) {
        var reply = server.raw().post("/connections", """
                {"provider_config_key":"%s","connection_id":"%s","connection_config":{"site":"acme"},\
                "credentials":{"type":"OAUTH2","access_token":"old","expires_at":"%s"%s}}\
                """.formatted(
                        integration, id, Instant.now().plus(goodFor), more));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(201);
    }

    private static final String REFRESH_TOKEN = ",\"refresh_token\":\"refresh-1\"";

    private static Reply get(String integration, String id, String more) {
        return server.raw().get("/connections/" + id + "?provider_config_key=" + integration + more);
    }

    private static String token(Reply reply) {
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().at("/credentials/access_token").asString();
    }

    private static Map<String, String> form(Asked asked) {
        var fields = new HashMap<String, String>();
        for (var pair : asked.text().split("&", -1)) {
            var parts = pair.split("=", 2);
            fields.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return fields;
    }

    @Test
    void an_expired_token_is_renewed_once() {
        connect("plain", "expired", Duration.ofSeconds(-1), REFRESH_TOKEN);

        var first = get("plain", "expired", "&refresh_token=true");
        var second = get("plain", "expired", "");

        assertThat(token(first)).isEqualTo("new");
        assertThat(token(second)).isEqualTo("new");
        assertThat(first.json().at("/credentials/refresh_token").asString()).isEqualTo("refresh-1");
        assertThat(Instant.parse(first.json().at("/credentials/expires_at").asString()))
                .isBetween(Instant.now().plusSeconds(3500), Instant.now().plusSeconds(3600));
        assertThat(second.json().path("errors")).isEmpty();
        assertThat(api.asked()).singleElement().satisfies(asked -> {
            assertThat(asked.path()).isEqualTo("/acme/token");
            assertThat(asked.header("content-type")).isEqualTo("application/x-www-form-urlencoded");
            assertThat(asked.header("accept")).isEqualTo("application/json");
            assertThat(form(asked))
                    .isEqualTo(Map.of(
                            "grant_type",
                            "refresh_token",
                            "refresh_token",
                            "refresh-1",
                            "audience",
                            "aud-acme",
                            "client_id",
                            "c id",
                            "client_secret",
                            "s:1"));
        });
    }

    @Test
    void a_token_is_renewed_a_quarter_of_an_hour_before_it_expires_unless_the_definition_says_when() {
        connect("plain", "late", Duration.ofMinutes(14), REFRESH_TOKEN);
        connect("plain", "early", Duration.ofMinutes(16), REFRESH_TOKEN);
        connect("basic", "late", Duration.ofMinutes(2), REFRESH_TOKEN);

        assertThat(token(get("plain", "late", ""))).isEqualTo("new");
        assertThat(token(get("plain", "early", ""))).isEqualTo("old");
        assertThat(token(get("basic", "late", ""))).isEqualTo("old");
    }

    @Test
    void the_proxy_sends_fresh_tokens() {
        connect("plain", "proxied", Duration.ofSeconds(-1), REFRESH_TOKEN);

        var reply =
                server.raw().get("/proxy/things", Map.of("Provider-Config-Key", "plain", "Connection-Id", "proxied"));

        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        assertThat(api.asked()).hasSize(2);
        assertThat(api.asked().getLast().header("authorization")).isEqualTo("Bearer new");
    }

    @Test
    void the_client_may_be_named_by_a_header() {
        connect("header", "c", Duration.ofSeconds(-1), REFRESH_TOKEN);

        get("header", "c", "");

        assertThat(api.asked()).singleElement().satisfies(asked -> {
            assertThat(asked.header("authorization")).isEqualTo("Basic " + base64("c+id:s%3A1"));
            assertThat(asked.text())
                    .isEqualTo("{\"grant_type\":\"refresh\",\"refresh_token\":\"refresh-1\",\"scope\":\"all\"}");
        });
    }

    private static String base64(String text) {
        return java.util.Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_connections_own_client_asks_for_its_token_where_the_definition_says() {
        api.answers(_ -> Given.json(
                200, "{\"data\":{\"user\":{\"access_token\":\"deep\",\"refresh_token\":\"r-2\",\"expires_in\":60}}}"));
        connect(
                "basic",
                "own",
                Duration.ofSeconds(-1),
                REFRESH_TOKEN + ",\"config_override\":{\"client_id\":\"own\",\"client_secret\":\"x\"}");

        var shown = get("basic", "own", "&refresh_token=true");

        assertThat(token(shown)).isEqualTo("deep");
        assertThat(shown.json().at("/credentials/refresh_token").asString()).isEqualTo("r-2");
        assertThat(shown.json().at("/credentials/config_override/client_id").asString())
                .isEqualTo("own");
        assertThat(api.asked()).singleElement().satisfies(asked -> {
            assertThat(asked.path()).isEqualTo("/refresh");
            assertThat(asked.header("authorization")).isEqualTo("Basic " + base64("own:x"));
            assertThat(form(asked)).containsEntry("client_id", "own");
        });
    }

    @Test
    void a_refusal_is_told_backed_off_from_and_forgotten_after_the_next_success() {
        connect("plain", "refused", Duration.ofSeconds(-1), REFRESH_TOKEN);
        api.answers(_ -> Given.json(
                400, "{\"error\":\"invalid_grant\",\"error_description\":\"Token refresh-1 has been revoked\"}"));

        var refused = get("plain", "refused", "");
        var again = get("plain", "refused", "");
        var proxied =
                server.raw().get("/proxy/things", Map.of("Provider-Config-Key", "plain", "Connection-Id", "refused"));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isEqualTo("invalid_credentials");
        assertThat(refused.json().at("/error/message").asString())
                .contains("invalid_grant")
                .contains("authorised again")
                .doesNotContain("refresh-1");
        var connection = refused.json().at("/error/payload/connection");
        assertThat(connection.path("credentials")).isEmpty();
        assertThat(connection.path("errors"))
                .singleElement()
                .satisfies(error -> assertThat(error.path("type").asString()).isEqualTo("auth"));
        assertThat(again.status()).isEqualTo(424);
        assertThat(again.code()).isEqualTo("invalid_credentials");
        assertThat(proxied.status()).isEqualTo(424);
        assertThat(proxied.code()).isEqualTo("connection_refresh_backoff");
        assertThat(api.asked()).hasSize(1);

        answer();
        var forced = get("plain", "refused", "&force_refresh=true");
        assertThat(token(forced)).isEqualTo("new");
        assertThat(forced.json().path("errors")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"503", "429", "500"})
    void while_the_provider_has_trouble_a_token_is_used_as_long_as_it_is_good(int status) {
        connect("plain", "good" + status, Duration.ofMinutes(5), REFRESH_TOKEN);
        connect("plain", "bad" + status, Duration.ofSeconds(-1), REFRESH_TOKEN);
        api.answers(_ -> Given.json(status, "<html>"));

        assertThat(token(get("plain", "good" + status, ""))).isEqualTo("old");
        var bad = get("plain", "bad" + status, "");
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.json().at("/error/message").asString()).contains("has trouble: it answered " + status);
        assertThat(token(get("plain", "good" + status, ""))).isEqualTo("old");
        assertThat(get("plain", "good" + status, "&force_refresh=true").status())
                .isEqualTo(400);
    }

    @Test
    void an_expired_token_without_a_refresh_token_is_handed_out_with_a_word() {
        connect("plain", "alone", Duration.ofSeconds(-1), "");

        var first = get("plain", "alone", "");
        var second = get("plain", "alone", "");

        assertThat(token(first)).isEqualTo("old");
        assertThat(first.json().at("/errors/0/type").asString()).isEqualTo("auth");
        assertThat(second.json().path("errors")).isEqualTo(first.json().path("errors"));
        assertThat(api.asked()).isEmpty();
    }

    @Test
    void authorising_again_makes_up_for_all_failures() {
        connect("plain", "again", Duration.ofSeconds(-1), REFRESH_TOKEN);
        api.answers(_ -> Given.json(400, "{\"error\":\"invalid_grant\"}"));
        get("plain", "again", "");

        connect("plain", "again", Duration.ofHours(1), REFRESH_TOKEN);

        var shown = get("plain", "again", "");
        assertThat(token(shown)).isEqualTo("old");
        assertThat(shown.json().path("errors")).isEmpty();
    }

    @Test
    void a_redirect_to_another_host_gets_no_credentials() {
        try (var other = new ScriptedApi()) {
            connect("plain", "led", Duration.ofSeconds(-1), REFRESH_TOKEN);
            api.answers(_ -> new Given(307, Map.of("location", other.url() + "/token"), new byte[0]));

            var reply = get("plain", "led", "");

            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.json().at("/error/message").asString()).contains("leads to another host");
            assertThat(other.asked()).isEmpty();
        }
    }

    @Test
    void callers_who_leave_do_not_break_a_renewal_off() throws Exception {
        connect("plain", "left", Duration.ofSeconds(-1), REFRESH_TOKEN);
        var arrived = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        api.answers(_ -> {
            arrived.countDown();
            await(go);
            return Given.json(200, "{\"access_token\":\"late\",\"expires_in\":3600}");
        });

        try (var impatient =
                new Socket(InetAddress.getLoopbackAddress(), server.url().getPort())) {
            impatient.getOutputStream().write("""
                    GET /proxy/things HTTP/1.1\r
                    Host: localhost\r
                    Authorization: Bearer %s\r
                    Provider-Config-Key: plain\r
                    Connection-Id: left\r
                    \r
                    """.formatted(server.key()).getBytes(StandardCharsets.UTF_8));
            arrived.await();
        }
        go.countDown();

        assertThat(token(get("plain", "left", ""))).isEqualTo("late");
        assertThat(api.asked())
                .filteredOn(asked -> asked.path().equals("/acme/token"))
                .hasSize(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void two_hundred_callers_of_two_servers_cause_one_call() throws Exception {
        connect("plain", "storm", Duration.ofSeconds(-1), REFRESH_TOKEN);
        api.answers(_ -> {
            await(new CountDownLatch(1), 3_000);
            return Given.json(200, "{\"access_token\":\"one\",\"expires_in\":3600}");
        });

        try (var peer = server.startPeer();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var replies = new java.util.ArrayList<java.util.concurrent.Future<Reply>>();
            for (int i = 0; i < 200; i++) {
                var client = i % 2 == 0 ? server.raw() : peer.raw();
                var force = i % 4 < 2 ? "" : "&force_refresh=true";
                replies.add(threads.submit(() -> client.get("/connections/storm?provider_config_key=plain" + force)));
            }

            for (var reply : replies) {
                assertThat(token(reply.get())).isEqualTo("one");
            }
        }
        assertThat(api.asked()).hasSize(1);
    }

    private static void await(CountDownLatch never, int millis) {
        try {
            assertThat(never.await(millis, java.util.concurrent.TimeUnit.MILLISECONDS))
                    .isFalse();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
