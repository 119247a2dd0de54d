package dev.millrace.server.encryption;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hash by which a random secret is found in the database without being stored: keys, tokens, states. They have at least
 * 122 random bits, so a plain hash keeps them as safe as a slow and salted one.
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
