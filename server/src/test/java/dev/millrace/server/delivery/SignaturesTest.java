package dev.millrace.server.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Compares signatures with published examples. */
class SignaturesTest {
    /** The example from the tests of the Standard Webhooks libraries. */
    @Test
    void a_standard_webhooks_signature_equals_the_published_example() {
        var key = Base64.getDecoder().decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        var signature = Signatures.standard(
                key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}".getBytes(UTF_8));

        assertThat(signature).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void only_the_standard_webhooks_header_includes_the_previous_key() {
        var body = "{}".getBytes(UTF_8);

        var current = Signatures.of(List.of("new"), "id", 1, body);
        var both = Signatures.of(List.of("new", "old"), "id", 1, body);
        var previous = Signatures.of(List.of("old"), "id", 1, body);

        // The SHA-256 of the text "new{}", and the HMAC-SHA-256 of "{}" with the key "new".
        assertThat(current)
                .containsEntry("x-nango-signature", "69646ecd173108b71e73d7bf190ec1ad57b4dd7a01d01b139f6d6d9d8589b103")
                .containsEntry(
                        "x-nango-hmac-sha256", "56fde440898b2046eee6f58816ea81c5780d6bd5d34d1ce41b99d54edacbc4b8");
        assertThat(both.get("x-nango-signature")).isEqualTo(current.get("x-nango-signature"));
        assertThat(both.get("x-nango-hmac-sha256")).isEqualTo(current.get("x-nango-hmac-sha256"));
        assertThat(both.get("webhook-signature"))
                .isEqualTo(current.get("webhook-signature") + ' ' + previous.get("webhook-signature"));
        assertThat(both).containsEntry("webhook-id", "id").containsEntry("webhook-timestamp", "1");
    }
}
