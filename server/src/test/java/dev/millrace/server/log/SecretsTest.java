package dev.millrace.server.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private final Secrets secrets = new Secrets();

    @Test
    void secrets_are_told_apart_from_public_values() {
        var credentials = Json.parse("""
                {"type": "BASIC", "username": "me", "password": "pass-word", "expires_at": "2030-01-01T00:00:00Z",
                 "raw": {"token_type": "bearer", "scope": "read", "extra": ["listed"]}}
                """);
        assertThat(Secrets.in(credentials)).isEqualTo(Set.of("me", "pass-word", "listed", "bWU6cGFzcy13b3Jk"));
    }

    @Test
    void a_known_secret_is_blanked_out_in_every_form() {
        secrets.add(List.of("a \"b\" & c/d", "abcd", "abcdefgh", "xy"));

        assertThat(secrets.blank("1 a \"b\" & c/d 2")).isEqualTo("1 REDACTED 2");
        assertThat(secrets.blank("q=a+%22b%22+%26+c%2Fd;a%20%22b%22%20%26%20c%2Fd"))
                .isEqualTo("q=REDACTED;REDACTED");
        assertThat(secrets.blank("{\"x\":\"a \\\"b\\\" & c/d\"}")).isEqualTo("{\"x\":\"REDACTED\"}");
        assertThat(secrets.blank("YSAiYiIgJiBjL2Q=")).isEqualTo("REDACTED");
        // The longer one first, and what is too short not at all.
        assertThat(secrets.blank("abcdefgh xy")).isEqualTo("REDACTED xy");
    }

    @Test
    void unknown_secrets_are_found_by_their_field_or_header() {
        assertThat(secrets.blank("{\"access_token\":\"a\\\"b\",\"id\":1,\"clientSecret\" : \"c\"}"))
                .isEqualTo("{\"access_token\":\"REDACTED\",\"id\":1,\"clientSecret\" : \"REDACTED\"}");
        assertThat(secrets.blank("GET https://h/p?page_token=1&api_key=abc&sig=x"))
                .isEqualTo("GET https://h/p?page_token=1&api_key=REDACTED&sig=REDACTED");
        assertThat(secrets.blank("Bearer abc123def456ghi789.x")).isEqualTo("Bearer REDACTED");
        assertThat(secrets.blank("Basic authentication is what a Bearer understands"))
                .isEqualTo("Basic authentication is what a Bearer understands");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cret-key/+=", "a1b2c3d4e5f6", "p\u00e4ss \"w\\rd\" & more"})
    void a_known_secret_is_blanked_out_however_it_is_encoded(String secret) {
        secrets.add(List.of(secret));
        var bytes = secret.getBytes(UTF_8);
        var all = new StringBuilder();
        for (byte b : bytes) {
            all.append(String.format("%%%02x", b));
        }
        var unicode = new StringBuilder();
        secret.chars().forEach(c -> unicode.append(String.format("\\u%04X", c)));
        var json = Json.quote(secret);
        for (var form : List.of(
                secret,
                secret + "\r\n",
                URLEncoder.encode(secret, UTF_8),
                URLEncoder.encode(secret, UTF_8).toLowerCase(Locale.ROOT),
                URLEncoder.encode(secret, UTF_8).replace("+", "%20"),
                URLEncoder.encode(URLEncoder.encode(secret, UTF_8).replace("+", "%20"), UTF_8),
                all.toString(),
                json,
                json.replace("/", "\\/"),
                Json.quote(json),
                unicode.toString(),
                base64(secret),
                base64(secret).replace("=", ""),
                base64(secret + "\n"),
                base64(secret + "\r\n"),
                base64("user:" + secret),
                base64("u:" + secret + "\n"),
                base64("us:" + secret),
                base64("{\"key\":\"" + secret + "\"}").replace('+', '-').replace('/', '_'))) {
            assertThat(secrets.blank("before " + form + " after")).as(form).contains("REDACTED");
            assertThat(secrets.blank("before " + form + " after"))
                    .as(form)
                    .startsWith("before ")
                    .endsWith(" after")
                    .doesNotContain(secret, form);
            assertThat(secrets.standIn(form)).as(form).isTrue();
        }
        assertThat(secrets.blank("50% of this \\ is harmless")).isEqualTo("50% of this \\ is harmless");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    @Test
    void secret_fields_are_found_in_forms_and_headers() {
        assertThat(secrets.blank("api_key=abc&x=1\naccess_token=def password=g"))
                .isEqualTo("api_key=REDACTED&x=1\naccess_token=REDACTED password=REDACTED");
        assertThat(secrets.blank("{\"body\":\"api_key=abc&x=1\"}")).isEqualTo("{\"body\":\"api_key=REDACTED&x=1\"}");
        assertThat(secrets.blank("https://h/?authorization=abc")).isEqualTo("https://h/?authorization=REDACTED");
        assertThat(secrets.blank("GET / HTTP/1.1\r\nAuthorization: Token abc\r\nX-Api-Key: def\r\nAccept: x"))
                .isEqualTo("GET / HTTP/1.1\r\nAuthorization: REDACTED\r\nX-Api-Key: REDACTED\r\nAccept: x");
        assertThat(secrets.blank("Authorization: Bearer unknown-to-us-3456789"))
                .isEqualTo("Authorization: Bearer REDACTED");
        assertThat(secrets.blank("next_page_token=1&monkey=2&keyboard=3"))
                .isEqualTo("next_page_token=1&monkey=2&keyboard=3");
    }

    @Test
    void long_values_and_missing_quotes_are_handled() {
        assertThat(secrets.blank("{\"password\":\"" + "\\\\x".repeat(50_000) + "\"}"))
                .isEqualTo("{\"password\":\"REDACTED\"}");
        assertThat(secrets.blank("{\"password\":\"cut off\\")).isEqualTo("{\"password\":\"REDACTED");
    }
}
