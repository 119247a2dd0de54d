package dev.millrace.server.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.http.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ConfigCheckTest {
    private final Provider generic =
            Providers.load(List.of()).find("private-api-key").orElseThrow();
    private final Provider none =
            Providers.load(List.of()).find("unauthenticated").orElseThrow();

    private static ObjectNode json(String text) {
        return Json.parseObject(text);
    }

    @Test
    void creation_applies_defaults() {
        var stored = generic.checkConfig(json("{\"keyName\":\"X-Key\"}"), true);

        assertThat(stored).isEqualTo(json("""
                {"keyPlacement":"header","keyName":"X-Key","valueTemplate":"${apiKey}"}"""));
    }

    @Test
    void a_change_holds_the_given_fields_alone_and_an_empty_text_clears() {
        var stored = generic.checkConfig(json("{\"keyName\":\"\"}"), false);

        assertThat(stored).isEqualTo(json("{\"keyName\":\"\"}"));
    }

    @Test
    void wrong_values_and_unknown_fields_are_refused() {
        assertThatThrownBy(() -> generic.checkConfig(json("{\"keyPlacement\":\"cookie\"}"), true))
                .hasMessageContaining("keyPlacement must be one of");
        assertThatThrownBy(() -> generic.checkConfig(json("{\"baseUrl\":\"ftp://x\"}"), true))
                .hasMessageContaining("baseUrl must be an address");
        assertThatThrownBy(() -> generic.checkConfig(json("{\"other\":\"x\"}"), true))
                .hasMessageContaining("unknown field 'other'");
        assertThatThrownBy(() -> none.checkConfig(json("{\"other\":\"x\"}"), true))
                .hasMessageContaining("does not accept an integration_config");
    }
}
