package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connect sessions: what an application sets, what their holders may do. */
class ConnectSessionTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    @BeforeAll
    static void integrate() {
        for (var key : new String[] {"one", "two"}) {
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", key));
        }
    }

    private static Reply create(String body) {
        return server.raw().post("/connect/sessions", body);
    }

    private static String token(Reply created) {
        assertThat(created.status()).as(created.toString()).isEqualTo(201);
        return created.json().at("/data/token").asString();
    }

    private static Reply session(String method, String token) {
        return server.raw()
                .send(method, "/connect/session", Map.of("Authorization", "Bearer " + token), BodyPublishers.noBody());
    }

    private static Reply connect(String integration, String token, String query) {
        return server.raw()
                .send(
                        "POST",
                        "/auth/unauthenticated/" + integration + "?connect_session_token=" + token + query,
                        Map.of("Content-Type", "application/json", "Authorization", "none"),
                        BodyPublishers.noBody());
    }

    private static Reply connection(Reply connected) {
        assertThat(connected.status()).as(connected.toString()).isEqualTo(200);
        return server.raw()
                .get("/connections/" + connected.json().path("connectionId").asString() + "?provider_config_key="
                        + connected.json().path("providerConfigKey").asString());
    }

    @Test
    void a_session_tells_what_was_set_for_it_until_it_is_deleted() {
        var created = create("""
                {"end_user":{"id":"u1","email":"u1@example.com"},"organization":{"id":"o1"},
                "allowed_integrations":["one"],"overrides":{"one":{"docs_connect":"https://help.example"}},
                "integrations_config_defaults":{"one":{"user_scopes":"a","connection_config":{"site":"x"}}}}""");
        var token = token(created);

        var shown = session("GET", token);

        assertThat(token).matches("nango_connect_session_[0-9a-f]{64}");
        assertThat(created.json().at("/data/connect_link").asString())
                .isEqualTo("http://localhost:" + server.url().getPort() + "/connect/?session_token=" + token);
        assertThat(Instant.parse(created.json().at("/data/expires_at").asString()))
                .isBetween(Instant.now().plusSeconds(1700), Instant.now().plusSeconds(1800));
        assertThat(shown.json().path("data").toString())
                .isEqualTo(
                        "{\"endUser\":{\"id\":\"u1\",\"display_name\":null,\"email\":\"u1@example.com\",\"tags\":null,"
                                + "\"organization\":{\"id\":\"o1\",\"display_name\":null}},\"connectUISettings\":{\"theme\":"
                                + "{\"light\":{\"primary\":\"#00B2E3\"},\"dark\":{\"primary\":\"#00B2E3\"}},"
                                + "\"defaultTheme\":\"system\",\"showWatermark\":true},\"allowed_integrations\":[\"one\"],"
                                + "\"integrations_config_defaults\":{\"one\":{\"connection_config\":{\"site\":\"x\"}}},"
                                + "\"overrides\":{\"one\":{\"docs_connect\":\"https://help.example\"}},\"websocketsPath\":\"/\"}");
        assertThat(session("DELETE", token).status()).isEqualTo(204);
        assertThat(session("GET", token).code()).isEqualTo("unknown_connect_session_token");
        assertThat(connect("one", token, "").status()).isEqualTo(401);
    }

    @Test
    void what_the_session_sets_wins_over_what_the_page_sends() {
        var token = token(create("""
                {"end_user":{"id":"u2"},"tags":{"team":"b"},"webhook_url_override":"https://hooks.example/x",
                "integrations_config_defaults":{"one":{"connection_config":{"site":"set","oauth_scopes_override":"a, b"}}}}"""));

        var connection =
                connection(connect("one", token, "&params[site]=sent&params[other]=kept&params[webhook_url]=no"));

        assertThat(connection.json().path("connection_config").toString())
                .isEqualTo("{\"site\":\"set\",\"other\":\"kept\",\"oauth_scopes_override\":[\"a\",\"b\"]}");
        assertThat(connection.json().path("tags").toString()).isEqualTo("{\"team\":\"b\",\"end_user_id\":\"u2\"}");
        assertThat(connection.json().at("/end_user/id").asString()).isEqualTo("u2");
        assertThat(connection.json().path("webhook_url_override").asString()).isEqualTo("https://hooks.example/x");
    }

    @Test
    void a_session_is_for_its_integrations_and_chooses_the_id() {
        var token = token(create("{\"tags\":{},\"allowed_integrations\":[\"one\"]}"));

        assertThat(connect("two", token, "").code()).isEqualTo("integration_not_allowed");
        assertThat(connect("none", token, "").code()).isEqualTo("unknown_provider_config");
        assertThat(connect("one", token, "&connection_id=mine").code()).isEqualTo("invalid_query_params");
        var wrongMode = server.raw().post("/api-auth/basic/one?connect_session_token=" + token, "{}");
        assertThat(wrongMode.code()).isEqualTo("invalid_auth_mode");
    }

    @Test
    void a_reconnect_session_authorises_its_own_connection_again() {
        var first = connection(connect("one", token(create("{\"tags\":{\"a\":\"1\"}}")), "&params[site]=old"));
        var id = first.json().path("connection_id").asString();
        server.raw().post("/connections/metadata", """
                {"connection_id":"%s","provider_config_key":"one","metadata":{"kept":true}}""".formatted(id));

        var token = token(server.raw().post("/connect/sessions/reconnect", """
                {"connection_id":"%s","integration_id":"one"}""".formatted(id)));
        var again = connection(connect("one", token, "&params[site]=new"));

        assertThat(session("GET", token).json().at("/data/isReconnecting").asBoolean())
                .isTrue();
        assertThat(again.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(again.json().at("/connection_config/site").asString()).isEqualTo("new");
        assertThat(again.json().path("tags")).isEmpty();
        assertThat(again.json().at("/metadata/kept").asBoolean()).isTrue();
        server.raw()
                .send("DELETE", "/connections/" + id + "?provider_config_key=one", Map.of(), BodyPublishers.noBody());
        assertThat(connect("one", token, "").code()).isEqualTo("invalid_connection");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|end_user invalid_type",
                "{\"end_user\":{}}|end_user.id invalid_type",
                "{\"tags\":{},\"more\":1}|` unrecognized_keys`",
                "{\"tags\":{},\"allowed_integrations\":[\"one\",\"gone\"]}|allowed_integrations.1 custom",
                "{\"tags\":{},\"overrides\":{\"gone\":{}}}|overrides.gone custom",
                "{\"tags\":{},\"integrations_config_defaults\":{\"gone\":{}}}|integrations_config_defaults.gone custom",
                "{\"tags\":{},\"integrations_config_defaults\":{\"one\":{\"x\":1}}}|integrations_config_defaults.one unrecognized_keys",
            })
    void what_does_not_fit_is_named(String body, String issue) {
        var reply = create(body);

        assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid_body");
        assertThat(reply.json().at("/error/errors"))
                .extracting(error -> String.join(
                                ".",
                                error.path("path")
                                        .valueStream()
                                        .map(part -> part.asString())
                                        .toList())
                        + ' '
                        + error.path("code").asString())
                .containsExactly(issue);
    }

    @Test
    void tokens_are_checked_by_form_and_by_value() {
        assertThat(session("GET", "nango_connect_session_x").code()).isEqualTo("invalid_connect_session_token_format");
        assertThat(session("GET", "nango_connect_session_" + "0".repeat(64)).code())
                .isEqualTo("unknown_connect_session_token");
        var keyless = server.raw()
                .send("POST", "/auth/unauthenticated/one", Map.of("Authorization", "none"), BodyPublishers.noBody());
        assertThat(keyless.status()).isEqualTo(401);
        var unknown = server.raw()
                .post("/connect/sessions/reconnect", "{\"connection_id\":\"x\",\"integration_id\":\"one\"}");
        assertThat(unknown.code()).isEqualTo("invalid_body");
    }

    @Test
    void webhooks_are_not_sent_to_private_hosts() {
        for (var url :
                new String[] {"http://169.254.169.254/", "http://10.0.0.1/x", "ftp://hooks.example", "nowhere"}) {
            var session = create("{\"tags\":{},\"webhook_url_override\":\"" + url + "\"}");
            assertThat(session.code()).as(url).isEqualTo("invalid_body");
            assertThat(session.json().at("/error/errors/0/path/0").asString()).isEqualTo("webhook_url_override");
            var older = create(
                    "{\"tags\":{},\"integrations_config_defaults\":{\"one\":{\"connection_config\":{\"webhook_url\":\""
                            + url + "\"}}}}");
            assertThat(older.code()).as(url).isEqualTo("invalid_body");
            var imported = server.raw().post("/connections", """
                    {"provider_config_key":"one","connection_id":"hooked","credentials":{"type":"NONE"},
                    "webhook_url_override":"%s"}""".formatted(url));
            assertThat(imported.code()).as(url).isEqualTo("invalid_body");
        }
        assertThat(server.raw()
                        .get("/connections/hooked?provider_config_key=one")
                        .status())
                .isEqualTo(404);
    }
}
