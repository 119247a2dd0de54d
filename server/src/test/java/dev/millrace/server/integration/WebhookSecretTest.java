package dev.millrace.server.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** The secret of webhooks is one field with two names. */
class WebhookSecretTest {
    private static final ObjectNode NONE = Json.object();

    private static String moved(String given, String stored, String settings, String custom) {
        var credentials = Optional.of(given).filter(text -> !text.isEmpty()).map(Json::parseObject);
        var merged = Json.parseObject(custom);
        var asked = Optional.of(settings).filter(text -> !text.isEmpty()).map(Json::parseObject);
        asked.ifPresent(merged::setAll);
        WebhookSecret.move(credentials, Optional.of(Json.parseObject(stored)), asked, merged);
        assertThat(credentials.orElse(NONE).has("webhook_secret")).isFalse();
        return Json.text(merged);
    }

    @Test
    void it_is_stored_as_a_custom_value() {
        assertThat(moved("{\"client_id\":\"a\",\"webhook_secret\":\"s\"}", "{}", "", "{}"))
                .isEqualTo("{\"webhookSecret\":\"s\"}");
        assertThat(moved("", "{}", "{\"webhookSecret\":\"s\"}", "{\"x\":\"y\"}"))
                .isEqualTo("{\"x\":\"y\",\"webhookSecret\":\"s\"}");
        assertThat(moved("{\"client_id\":\"a\"}", "{}", "", "{\"webhookSecret\":\"s\"}"))
                .isEqualTo("{\"webhookSecret\":\"s\"}");
    }

    @Test
    void an_empty_text_removes_it() {
        assertThat(moved("{\"webhook_secret\":\"\"}", "{}", "", "{\"webhookSecret\":\"s\"}"))
                .isEqualTo("{}");
        assertThat(moved("", "{}", "{\"webhookSecret\":\"\"}", "{\"webhookSecret\":\"s\"}"))
                .isEqualTo("{}");
        assertThat(moved("", "{\"webhook_secret\":\"old\"}", "{\"webhookSecret\":\"\"}", "{}"))
                .isEqualTo("{}");
    }

    @Test
    void one_that_was_stored_in_the_credentials_is_kept() {
        assertThat(moved("", "{\"webhook_secret\":\"old\"}", "", "{}")).isEqualTo("{\"webhookSecret\":\"old\"}");
        assertThat(integration("{\"webhook_secret\":\"old\"}", "{}").webhookSecret())
                .contains("old");
        assertThat(integration("{\"webhook_secret\":\"old\"}", "{\"webhookSecret\":\"new\"}")
                        .webhookSecret())
                .contains("new");
        assertThat(integration("{}", "{}").webhookSecret()).isEmpty();
    }

    private static Integration integration(String credentials, String custom) {
        return new Integration(
                1,
                1,
                "a",
                "b",
                Optional.empty(),
                true,
                Optional.of(Json.parseObject(credentials)),
                Json.parseObject(custom),
                List.of());
    }
}
