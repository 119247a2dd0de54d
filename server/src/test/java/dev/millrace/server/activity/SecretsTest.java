package dev.millrace.server.activity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SecretsTest {
    private final Secrets secrets = new Secrets();

    @Test
    void credentials_hold_secrets_and_harmless_words() {
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
    void unknown_secrets_are_known_by_where_they_stand() {
        assertThat(secrets.blank("{\"access_token\":\"a\\\"b\",\"id\":1,\"clientSecret\" : \"c\"}"))
                .isEqualTo("{\"access_token\":\"REDACTED\",\"id\":1,\"clientSecret\" : \"REDACTED\"}");
        assertThat(secrets.blank("GET https://h/p?page_token=1&api_key=abc&sig=x"))
                .isEqualTo("GET https://h/p?page_token=1&api_key=REDACTED&sig=REDACTED");
        assertThat(secrets.blank("Bearer abc123def456ghi789.x")).isEqualTo("Bearer REDACTED");
        assertThat(secrets.blank("Basic authentication is what a Bearer understands"))
                .isEqualTo("Basic authentication is what a Bearer understands");
    }

    @Test
    void long_values_and_ends_without_a_quote_do_no_harm() {
        assertThat(secrets.blank("{\"password\":\"" + "\\\\x".repeat(50_000) + "\"}"))
                .isEqualTo("{\"password\":\"REDACTED\"}");
        assertThat(secrets.blank("{\"password\":\"cut off\\")).isEqualTo("{\"password\":\"REDACTED");
    }
}
