package dev.millrace.server.webhook.scheme;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.provider.WebhookRules.Encoding;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The algorithms that sign webhooks. */
final class Crypto {
    private Crypto() {}

    /** @param algorithm the hash algorithm, for example {@code sha256} */
    static byte[] hmac(String algorithm, byte[] key, byte[] message) {
        try {
            var name = "Hmac" + algorithm.toUpperCase(Locale.ROOT);
            var mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(key, name));
            return mac.doFinal(message);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] hash(String algorithm, byte[] message) {
        try {
            return MessageDigest.getInstance(algorithm.replace("sha", "SHA-")).digest(message);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static String hexSha256(String text) {
        return HexFormat.of().formatHex(hash("sha256", text.getBytes(UTF_8)));
    }

    static String encoded(byte[] signature, Encoding encoding) {
        return switch (encoding) {
            case HEX -> HexFormat.of().formatHex(signature);
            case BASE64 -> Base64.getEncoder().encodeToString(signature);
            case TEXT -> new String(signature, UTF_8);
        };
    }

    /** Compares in constant time. */
    static boolean equal(String expected, String given) {
        return MessageDigest.isEqual(expected.getBytes(UTF_8), given.getBytes(UTF_8));
    }

    /** @param pem a public key in PEM form; the first and the last line may be missing */
    static RSAPublicKey publicKey(String pem) throws GeneralSecurityException {
        var base64 =
                pem.replace("\\n", "\n").replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        try {
            var key = new X509EncodedKeySpec(Base64.getDecoder().decode(base64));
            if (KeyFactory.getInstance("RSA").generatePublic(key) instanceof RSAPublicKey rsa) {
                return rsa;
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidKeyException("it is not Base64", e);
        }
        throw new InvalidKeyException("it is not an RSA key");
    }

    static boolean verifiesRsa(String algorithm, RSAPublicKey key, byte[] message, byte[] signature) {
        try {
            var verifier = Signature.getInstance(algorithm.toUpperCase(Locale.ROOT) + "withRSA");
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }
}
