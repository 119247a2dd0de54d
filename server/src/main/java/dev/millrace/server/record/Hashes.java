package dev.millrace.server.record;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * What is kept of a record to tell whether it changed: the hash of all of it, and behind that, for models with values
 * that do not count, the hash of what does.
 */
final class Hashes {
    static final int LENGTH = 16;

    private Hashes() {}

    /** How a record differs from the stored one. */
    enum Difference {
        NONE,
        /** Only in what does not count. */
        QUIET,
        CHANGE
    }

    /** Of a text as it was handed over. */
    static byte[] textHash(byte[] text) {
        return textHash(sha256(), text);
    }

    /** @param digest of {@link #sha256}, to be used again */
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
