package dev.millrace.server.function;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Identifies code by its content, so that identical code is stored once. */
final class CodeHash {
    private CodeHash() {}

    /** SHA-256 of the compiled text and the source text, hex. */
    static String of(String js, String ts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(js.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(ts.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
