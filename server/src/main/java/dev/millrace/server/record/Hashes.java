package dev.millrace.server.record;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The stored hashes of a record, which show whether it has changed: the hash of the whole record and, for models with
 * change-insensitive paths, the hash of the rest.
 */
final class Hashes {
    static final int LENGTH = 16;

    private Hashes() {}

    /** How a record differs from the stored one. */
    enum Difference {
        NONE,
        /** Only in change-insensitive values. */
        QUIET,
        CHANGE
    }

    /** The hash of a text as it was received. */
    static byte[] textHash(byte[] text) {
        return textHash(sha256(), text);
    }

    /** @param digest of {@link #sha256}, reused */
    static byte[] textHash(MessageDigest digest, byte[] text) {
        return Arrays.copyOf(digest.digest(text), LENGTH);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static byte[] of(byte[] all, byte[] counting) {
        var both = Arrays.copyOf(all, 2 * LENGTH);
        System.arraycopy(counting, 0, both, LENGTH, LENGTH);
        return both;
    }

    static Difference compare(byte[] stored, byte[] incoming) {
        if (Arrays.equals(stored, 0, LENGTH, incoming, 0, LENGTH)) {
            return Difference.NONE;
        }
        boolean comparable = stored.length == 2 * LENGTH && incoming.length == 2 * LENGTH;
        return comparable && Arrays.equals(stored, LENGTH, 2 * LENGTH, incoming, LENGTH, 2 * LENGTH)
                ? Difference.QUIET
                : Difference.CHANGE;
    }
}
