package dev.millrace.server.encryption;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * The source of the encryption keys: the setting, or else the file {@code encryption.key} in the data folder.
 * Thread-safe.
 */
public final class KeySource {
    /** The name of the setting, for messages. */
    public static final String SETTING = "MILLRACE_ENCRYPTION_KEYS";

    private final Optional<String> given;
    private final KeyFile file;
    private final Path path;

    /** @param given the value of the setting; empty: use the file */
    public KeySource(Path dataFolder, Optional<String> given) {
        this.given = given;
        this.path = dataFolder.resolve("encryption.key").toAbsolutePath();
        this.file = new KeyFile(path);
    }

    /** Whether the keys are in the file, so that a command can change them while the server runs. */
    public boolean isFile() {
        return given.isEmpty();
    }

    /** A description for messages. */
    public String where() {
        return isFile() ? "the file " + path : "the setting " + SETTING;
    }

    /** The configured keys at this moment; empty when there is neither a setting nor a file. */
    public Optional<KeyRing> read() {
        return given.or(file::read).map(text -> {
            try {
                return KeyRing.parse(text);
            } catch (KeysRefused e) {
                throw new KeysRefused("In " + where() + ": " + e.getMessage(), e);
            }
        });
    }

    /** Stores the first key in the file, unless there is one; returns the contents of the file. */
    KeyRing create() {
        return KeyRing.parse(file.write(new KeyRing(List.of(KeyRing.Key.random(1, new SecureRandom()))).text()));
    }

    /**
     * Puts a new key first in the file, which is replaced atomically.
     *
     * @param id never used before
     */
    public KeyRing add(int id) {
        if (!isFile()) {
            throw new KeysRefused("The encryption keys are given by " + where() + ", which a command cannot change.");
        }
        var ring = read().orElseThrow(() -> new KeysRefused("There is no encryption key yet: " + path
                + " is missing. It is created at the first start; if there was one, restore it from your backup."));
        var grown = ring.withFirst(KeyRing.Key.random(id, new SecureRandom()));
        file.replace(grown.text());
        return grown;
    }

    /** A new key in the form for the setting. */
    public static String proposal(int id) {
        return KeyRing.Key.random(id, new SecureRandom()).text();
    }
}
