package dev.millrace.server.vault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/** Secrets kept in the data folder, each in a file of its own that only the owner may read (mode 0600). */
public final class KeyFile {
    private final Path file;

    public KeyFile(Path file) {
        this.file = file;
    }

    /** The encryption key: the given one (base64 of 32 bytes), else the kept one, else a new one, kept from now on. */
    public static Vault vault(Path dataFolder, Optional<String> given) {
        var kept = new KeyFile(dataFolder.resolve("encryption.key"));
        var text = given.or(kept::read).orElseGet(() -> kept.write(newKey()));
        byte[] key;
        try {
            key = Base64.getDecoder().decode(text.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The encryption key is not base64. Make one by: openssl rand -base64 32", e);
        }
        if (key.length != 32) {
            throw new IllegalArgumentException("The encryption key holds " + key.length
                    + " bytes; it needs 32. Make one by: openssl rand -base64 32");
        }
        return new Vault(key);
    }

    private static String newKey() {
        var key = new byte[32];
        new SecureRandom().nextBytes(key);
        return Base64.getEncoder().encodeToString(key);
    }

    public Optional<String> read() {
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Keeps the secret, unless one is kept already; answers the one that is kept then. */
    public String write(String secret) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
            try (var channel = Files.newByteChannel(
                    file, java.util.Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owner)) {
                channel.write(java.nio.ByteBuffer.wrap((secret + "\n").getBytes(StandardCharsets.UTF_8)));
            }
            return secret;
        } catch (FileAlreadyExistsException e) {
            return read().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
