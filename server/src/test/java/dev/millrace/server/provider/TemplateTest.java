package dev.millrace.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {
    private static final Moment MOMENT = new Moment(() -> Instant.parse("2026-02-03T04:05:06.789Z"));
    private static final Names NAMES = Map.of(
            "connectionConfig.host", "acme",
            "apiKey", "k1",
            "credentials.user", "u",
            "credentials.key", "p",
            "empty", "")::get;

    @Test
    void fills_in_what_is_known_and_keeps_the_rest() {
        var template = Template.of("https://${connectionConfig.host}.example/${nothing}/${now+99999999999:days}");

        assertThat(template.render(NAMES, MOMENT)).isEqualTo("https://acme.example/${nothing}/${now+99999999999:days}");
        assertThat(template.resolve(NAMES, MOMENT)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "${base64(${credentials.user}:${credentials.key})};dTpw",
                "${sha256Hex(abc)};ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "${sha256Base64(abc)};ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
                "${hmacSha1Hex(a,b, key)};25edc61631bd50071fa6f99a52393555c543caea",
                "${nothing} || ${apiKey};k1",
                "${empty} || text;text",
                "${apiKey} || text;k1",
                "${now};2026-02-03T04:05:06.789Z",
                "${now:YYYY-MM-DD};2026-02-03",
                "${now+7:days:YYYYMMDDTHHmmss[Z]};20260210T040506Z",
                "${now-1:minutes:ddd, DD MMM YYYY HH:mm:ss ZZ};Tue, 03 Feb 2026 04:04:06 +0000",
                "${now:X};1770091506",
                "no placeholder {x} $;no placeholder {x} $",
            })
    void resolves(String template, String expected) {
        assertThat(Template.of(template).resolve(NAMES, MOMENT)).contains(expected);
    }

    @Test
    void a_fallback_is_ordinary_text_where_it_is_not_known() {
        assertThat(Template.plain("${apiKey}||${credentials.user}").render(NAMES, MOMENT))
                .isEqualTo("k1||u");
    }

    @Test
    void random_is_the_same_throughout_a_moment() {
        var template = Template.of("${random}");

        assertThat(template.render(NAMES, MOMENT)).hasSize(36).isEqualTo(template.render(NAMES, MOMENT));
    }

    @Test
    void an_argument_without_a_value_leaves_the_function_unresolved() {
        var template = Template.of("Basic ${base64(${credentials.nobody}:x)}");

        assertThat(template.resolve(NAMES, MOMENT)).isEmpty();
        assertThat(template.render(NAMES, MOMENT)).isEqualTo("Basic ${base64(${credentials.nobody}:x)}");
    }
}
