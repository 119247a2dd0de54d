package dev.millrace.server.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The functions that templates may call. */
final class Functions {
    private static final HexFormat HEX = HexFormat.of();
    private static final Base64.Encoder BASE64 = Base64.getEncoder();

    private Functions() {}

    static Template.@Nullable Function named(String name) {
        return switch (name) {
            case "base64" -> (text, _) -> BASE64.encodeToString(text.getBytes(UTF_8));
            case "sha256Hex" -> (text, _) -> HEX.formatHex(sha256(text.getBytes(UTF_8)));
            case "sha256Base64" -> (text, _) -> BASE64.encodeToString(sha256(text.getBytes(UTF_8)));
            case "hmacSha1Hex" -> (text, _) -> hmacSha1Hex(text);
            case "ed25519Sign" -> (text, _) -> ed25519Sign(text);
            case "fingerprint" -> (text, _) -> fingerprint(text);
            case "awsSigV4" -> (text, names) -> names.awsSigV4(text);
            default -> null;
        };
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The last comma is the separator, because a message may contain commas and a key does not. */
    private static @Nullable String hmacSha1Hex(String arguments) {
        int comma = arguments.lastIndexOf(',');
        var key = arguments.substring(comma + 1).strip();
        if (comma < 0 || key.isEmpty()) {
            return null;
        }
        try {
            var mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(key.getBytes(UTF_8), "HmacSHA1"));
            return HEX.formatHex(
                    mac.doFinal(arguments.substring(0, comma).strip().getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable String ed25519Sign(String arguments) {
        int comma = arguments.lastIndexOf(',');
        var key = comma < 0 ? null : pkcs8(arguments.substring(comma + 1));
        if (key == null) {
            return null;
        }
        try {
            var signer = Signature.getInstance("Ed25519");
            signer.initSign(KeyFactory.getInstance("Ed25519").generatePrivate(key));
            signer.update(arguments.substring(0, comma).strip().getBytes(UTF_8));
            return BASE64.encodeToString(signer.sign());
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private static @Nullable String fingerprint(String pem) {
        var key = pkcs8(pem);
        if (key == null) {
            return null;
        }
        try {
            var keys = KeyFactory.getInstance("RSA");
            if (!(keys.generatePrivate(key) instanceof RSAPrivateCrtKey secret)) {
                return null;
            }
            var open = keys.generatePublic(new RSAPublicKeySpec(secret.getModulus(), secret.getPublicExponent()));
            return "SHA256:" + BASE64.encodeToString(sha256(open.getEncoded()));
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private static @Nullable PKCS8EncodedKeySpec pkcs8(String pem) {
        var body = new StringBuilder();
        pem.lines().map(String::strip).filter(line -> !line.startsWith("-----")).forEach(body::append);
        try {
            return new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body.toString()));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
