package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.TestServer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The webhook secret of an integration, which can be set in two places. */
class IntegrationWebhookSecretTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.with(List.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String create(String key, String provider, String rest) {
        var reply = server.raw()
                .post(
                        "/integrations",
                        "{\"unique_key\":\"" + key + "\",\"provider\":\"" + provider + "\"" + rest + "}");
        return reply.status() + " " + reply.json().at("/error/code").asString("");
    }

    private static int patch(String key, String body) {
        return server.raw().patch("/integrations/" + key, body).status();
    }

    private static String shown(String key) {
        return server.raw()
                .get("/integrations/" + key + "?include=credentials")
                .json()
                .at("/data/credentials/webhook_secret")
                .asString("");
    }

    @Test
    void both_places_are_one_field() {
        var client = "{\"type\":\"OAUTH2\",\"client_id\":\"a\",\"client_secret\":\"b\",\"webhook_secret\":\"one\"}";
        assertThat(create("slack", "slack", ",\"credentials\":" + client)).isEqualTo("200 ");
        assertThat(shown("slack")).isEqualTo("one");

        assertThat(patch("slack", "{\"custom\":{\"webhookSecret\":\"" + "x".repeat(8192) + "\"}}"))
                .isEqualTo(200);
        assertThat(shown("slack")).hasSize(8192);
        assertThat(patch("slack", "{\"custom\":{\"webhookSecret\":\"" + "x".repeat(8193) + "\"}}"))
                .isEqualTo(400);

        assertThat(patch("slack", "{\"credentials\":" + client.replace("\"one\"", "\"\"") + "}"))
                .isEqualTo(200);
        assertThat(shown("slack")).isEmpty();
    }

    @Test
    void a_provider_with_settings_of_its_own_takes_those_of_webhooks_too() {
        assertThat(create("hooks", "webhook-hmac", ",\"custom\":{\"webhookSecret\":\"s\"}"))
                .isEqualTo("200 ");
        assertThat(create("other", "webhook-hmac", ",\"custom\":{\"colour\":\"red\"}"))
                .startsWith("400");
        assertThat(create("key", "stripe-api-key", ",\"custom\":{\"webhookSecret\":\"s\"}"))
                .isEqualTo("200 ");
    }

    @Test
    void only_integrations_that_receive_webhooks_have_a_url_for_them() {
        assertThat(create(
                        "teams",
                        "microsoft-teams",
                        ",\"credentials\":{\"type\":\"OAUTH2\",\"client_id\":\"a\",\"client_secret\":\"b\"}"))
                .isEqualTo("200 ");
        assertThat(create(
                        "crm",
                        "microsoft-dynamics",
                        ",\"credentials\":{\"type\":\"OAUTH2\",\"client_id\":\"a\",\"client_secret\":\"b\"}"))
                .isEqualTo("200 ");

        assertThat(url("teams")).contains("/webhook/").endsWith("/teams");
        assertThat(url("crm")).isEmpty();
    }

    private static String url(String key) {
        return server.raw()
                .get("/integrations/" + key + "?include=webhook")
                .json()
                .at("/data/webhook_url")
                .asString("");
    }
}
