package dev.millrace.server.encryption;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hash under which a random secret is stored and found: keys, tokens, states. These have at least 122 random bits,
 * so a plain hash is as safe as a slow, salted one.
 */
public final class SecretHash {
    private SecretHash() {}

    /** SHA-256 of the text. */
    public static byte[] of(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
