package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Times;
import dev.millrace.server.provider.Moment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Creates WS-Security user tokens. */
final class WsseSigning {
    private static final long LIFE_MILLIS = Duration.ofMinutes(5).toMillis();
    private static final int NONCE = 16;

    private WsseSigning() {}

    static Wsse renew(TokenContext context, Wsse old, Moment moment, RandomGenerator random) {
        var nonce = new byte[NONCE];
        random.nextBytes(nonce);
        var life = context.definition().path("token").path("expires_in_ms").asLong(LIFE_MILLIS);
        var token = token(old.username(), old.password(), HexFormat.of().formatHex(nonce), Times.utc(moment.now()));
        return new Wsse(
                old.username(), old.password(), token, Optional.of(moment.now().plusMillis(life)));
    }

    /** The digest is the base64 form of hexadecimal text, not of bytes. */
    static String token(String username, String password, String nonce, String created) {
        var digest = HexFormat.of().formatHex(sha1(nonce + created + password));
        return "UsernameToken Username=\"" + username + "\", PasswordDigest=\""
                + Base64.getEncoder().encodeToString(digest.getBytes(UTF_8)) + "\", Nonce=\"" + nonce
                + "\", Created=\"" + created + '"';
    }

    private static byte[] sha1(String text) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
