package dev.millrace.server.encryption;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * Where the encryption keys come from: the setting, else the file {@code encryption.key} in the data folder.
 * Thread-safe.
 */
public final class KeySource {
    /** How the setting is called, for those who are to change it. */
    public static final String SETTING = "MILLRACE_ENCRYPTION_KEYS";

    private final Optional<String> given;
    private final KeyFile file;
    private final Path path;

    /** @param given the setting; empty: the file */
    public KeySource(Path dataFolder, Optional<String> given) {
        this.given = given;
        this.path = dataFolder.resolve("encryption.key").toAbsolutePath();
        this.file = new KeyFile(path);
    }

    /** Whether they are in the file, hence can be changed by a command and while the server runs. */
    public boolean isFile() {
        return given.isEmpty();
    }

    /** In words. */
    public String where() {
        return isFile() ? "the file " + path : "the setting " + SETTING;
    }

    /** The keys as they are given at this moment; empty when there is neither a setting nor a file. */
    public Optional<KeyRing> read() {
        return given.or(file::read).map(text -> {
            try {
                return KeyRing.parse(text);
            } catch (KeysRefused e) {
                throw new KeysRefused("In " + where() + ": " + e.getMessage(), e);
            }
        });
    }

    /** Keeps a first key in the file; answers what the file holds then. */
    KeyRing create() {
        return KeyRing.parse(file.write(new KeyRing(List.of(KeyRing.Key.random(1, new SecureRandom()))).text()));
    }

    /**
     * Puts a new key first in the file, which is replaced at once and whole.
     *
     * @param id never used before
     */
    public KeyRing add(int id) {
        if (!isFile()) {
            throw new KeysRefused("The encryption keys are given by " + where() + ", which a command cannot change.");
        }
        var ring = read().orElseThrow(() -> new KeysRefused("There is no encryption key yet: " + path
                + " is missing. It is made at the first start; if there was one, put it back from your backup."));
        var grown = ring.withFirst(KeyRing.Key.random(id, new SecureRandom()));
        file.replace(grown.text());
        return grown;
    }

    /** A new key as it is to be written into the setting. */
    public static String proposal(int id) {
        return KeyRing.Key.random(id, new SecureRandom()).text();
    }
}
