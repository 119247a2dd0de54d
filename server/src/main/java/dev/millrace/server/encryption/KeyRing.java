package dev.millrace.server.encryption;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Encryption keys as a user configures them: the first seals, all can open. The text form is one {@code id:base64} per
 * key, separated by commas or white space. Base64 without an id is the key with id 1. Text after a {@code #} is a
 * comment.
 */
public record KeyRing(List<Key> keys) {
    static final int HIGHEST_ID = 255;

    private static final Pattern COMMENT = Pattern.compile("#[^\\n]*");
    private static final Pattern SEPARATOR = Pattern.compile("[,\\s]+");
    private static final Pattern ID = Pattern.compile("\\d{1,3}");
    private static final String REMEDY = " Make a key with: openssl rand -base64 32";

    public KeyRing {
        keys = List.copyOf(keys);
        if (keys.isEmpty()) {
            throw new KeysRefused("There is no encryption key." + REMEDY);
        }
        var ids = new HashMap<Integer, Key>();
        for (var key : keys) {
            if (ids.put(key.id, key) != null) {
                throw new KeysRefused("The encryption key with id " + key.id
                        + " is given twice: give every key an id of its own, 1 to " + HIGHEST_ID + ".");
            }
        }
        refuseTwins(keys);
    }

    private static void refuseTwins(List<Key> keys) {
        var byText = new HashMap<String, Integer>();
        for (var key : keys) {
            var twin = byText.put(key.base64(), key.id);
            if (twin != null) {
                throw new KeysRefused("The encryption keys " + twin + " and " + key.id
                        + " are the same: a new id needs a new key." + REMEDY);
            }
        }
    }

    /** One key; {@code toString} hides the secret. */
    public static final class Key {
        private final int id;
        private final byte[] secret;

        /** @param id 1 to 255 */
        Key(int id, byte[] secret) {
            if (id < 1 || id > HIGHEST_ID) {
                throw new KeysRefused("The encryption key id " + id + " is out of range: choose one from 1 to "
                        + HIGHEST_ID + ", never used before.");
            }
            if (secret.length != 32) {
                throw new KeysRefused(
                        "The encryption key " + id + " holds " + secret.length + " bytes; it needs 32." + REMEDY);
            }
            this.id = id;
            this.secret = secret.clone();
        }

        /** Creates a random key. */
        static Key random(int id, SecureRandom random) {
            var secret = new byte[32];
            random.nextBytes(secret);
            return new Key(id, secret);
        }

        public int id() {
            return id;
        }

        byte[] secret() {
            return secret.clone();
        }

        private String base64() {
            return Base64.getEncoder().encodeToString(secret);
        }

        /** The form for files and variables: not for logs. */
        public String text() {
            return id + ":" + base64();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.id == id && Arrays.equals(key.secret, secret);
        }

        @Override
        public int hashCode() {
            return id;
        }

        @Override
        public String toString() {
            return "Key[" + id + "]";
        }
    }

    /** Parses what a user has written. An error says which entry is wrong and why. */
    public static KeyRing parse(String text) {
        var keys = new ArrayList<Key>();
        for (var entry :
                SEPARATOR.splitAsStream(COMMENT.matcher(text).replaceAll("")).toList()) {
            if (!entry.isEmpty()) {
                keys.add(key(entry, keys.size() + 1));
            }
        }
        return new KeyRing(keys);
    }

    private static Key key(String entry, int place) {
        int colon = entry.indexOf(':');
        if (colon < 0) {
            return new Key(1, secret(entry, 1));
        }
        var id = entry.substring(0, colon);
        if (!ID.matcher(id).matches()) {
            // The text may be part of a secret, so the message does not repeat it.
            throw new KeysRefused("The id of encryption key number " + place
                    + " of the list is not a number: write each as id:base64 with an id from 1 to " + HIGHEST_ID + ".");
        }
        return new Key(Integer.parseInt(id), secret(entry.substring(colon + 1), Integer.parseInt(id)));
    }

    private static byte[] secret(String text, int id) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new KeysRefused("The encryption key " + id + " is not base64." + REMEDY, e);
        }
    }

    /** The key that seals. */
    public Key first() {
        return keys.getFirst();
    }

    public Optional<Key> find(int id) {
        return keys.stream().filter(key -> key.id == id).findFirst();
    }

    public List<Integer> ids() {
        return keys.stream().map(Key::id).toList();
    }

    /** Adds a key that seals from now on. */
    KeyRing withFirst(Key key) {
        var all = new ArrayList<Key>();
        all.add(key);
        all.addAll(keys);
        return new KeyRing(all);
    }

    /** One key per line: not for logs. */
    String text() {
        return keys.stream().map(Key::text).collect(Collectors.joining("\n"));
    }

    @Override
    public String toString() {
        return "KeyRing" + ids();
    }
}
