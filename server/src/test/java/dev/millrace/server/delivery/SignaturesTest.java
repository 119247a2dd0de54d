package dev.millrace.server.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Signatures, by published examples. */
class SignaturesTest {
    /** The example in the tests of the libraries of Standard Webhooks. */
    @Test
    void standard_webhooks() {
        var key = Base64.getDecoder().decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        var signature = Signatures.standard(
                key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}".getBytes(UTF_8));

        assertThat(signature).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void the_current_key_signs_alone_except_for_standard_webhooks() {
        var body = "{}".getBytes(UTF_8);

        var alone = Signatures.of(List.of("new"), "id", 1, body);
        var both = Signatures.of(List.of("new", "old"), "id", 1, body);
        var before = Signatures.of(List.of("old"), "id", 1, body);

        // SHA-256 of the text new{}; HMAC-SHA-256 of {} with the key new.
        assertThat(alone)
                .containsEntry("x-nango-signature", "69646ecd173108b71e73d7bf190ec1ad57b4dd7a01d01b139f6d6d9d8589b103")
                .containsEntry(
                        "x-nango-hmac-sha256", "56fde440898b2046eee6f58816ea81c5780d6bd5d34d1ce41b99d54edacbc4b8");
        assertThat(both.get("x-nango-signature")).isEqualTo(alone.get("x-nango-signature"));
        assertThat(both.get("x-nango-hmac-sha256")).isEqualTo(alone.get("x-nango-hmac-sha256"));
        assertThat(both.get("webhook-signature"))
                .isEqualTo(alone.get("webhook-signature") + ' ' + before.get("webhook-signature"));
        assertThat(both).containsEntry("webhook-id", "id").containsEntry("webhook-timestamp", "1");
    }
}
