package dev.millrace.server.testkit;

import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.KeySource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What the server of a data folder seals by, for those who use its store without it. */
public final class TestEncryption {
    private TestEncryption() {}

    /** A folder without a key gets one. */
    public static Encryption of(Path data) {
        try {
            var file = data.resolve("encryption.key");
            if (!Files.exists(file)) {
                Files.writeString(file, KeySource.proposal(1));
            }
            return new Encryption(new KeySource(data, Optional.empty()).read().orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
