package dev.millrace.server.webhook.scheme;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.provider.WebhookRules.Encoding;
import java.io.ByteArrayOutputStream;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * The signature of Standard Webhooks, in its own headers or in those of Svix.
 *
 * @param tolerance in seconds; 0 accepts any time
 */
record StandardSignature(Clock clock, long tolerance) {
    private static final String VERSION = "v1,";
    private static final String SECRET = "whsec_";

    static boolean isPresent(ProviderCall call) {
        return header(call, "signature").isPresent();
    }

    /** The header with this name, with the prefix {@code webhook-} or {@code svix-}. */
    static Optional<String> header(ProviderCall call, String name) {
        return call.header("webhook-" + name).or(() -> call.header("svix-" + name));
    }

    boolean isGenuine(ProviderCall call, String secret) {
        var id = header(call, "id");
        var time = header(call, "timestamp");
        if (id.isEmpty() || time.isEmpty() || !isNear(time.get())) {
            return false;
        }
        var message = new ByteArrayOutputStream();
        message.writeBytes((id.get() + '.' + time.get() + '.').getBytes(UTF_8));
        message.writeBytes(call.body());
        var expected =
                VERSION + Crypto.encoded(Crypto.hmac("sha256", key(secret), message.toByteArray()), Encoding.BASE64);
        boolean genuine = false;
        for (var signature : header(call, "signature").orElse("").split(" ", -1)) {
            genuine |= Crypto.equal(expected, signature);
        }
        return genuine;
    }

    private boolean isNear(String time) {
        try {
            var at = Instant.ofEpochSecond(Long.parseLong(time));
            return new Timestamp(time, at).isNear(clock.instant(), tolerance);
        } catch (NumberFormatException | DateTimeException _) {
            return false;
        }
    }

    /** Decodes the secret. A secret that is not Base64 is used as it is. */
    private static byte[] key(String secret) {
        var encoded = secret.startsWith(SECRET) ? secret.substring(SECRET.length()) : secret;
        try {
            var key = Base64.getDecoder().decode(encoded);
            return key.length == 0 ? secret.getBytes(UTF_8) : key;
        } catch (IllegalArgumentException _) {
            return secret.getBytes(UTF_8);
        }
    }
}
