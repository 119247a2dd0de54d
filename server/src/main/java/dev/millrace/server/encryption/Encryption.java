package dev.millrace.server.encryption;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts ("seals") secrets and payloads with AES-256-GCM. A sealed value is {@code [key id, 1 byte][iv, 12
 * bytes][cipher text and tag]}. One key seals; every known key can open the values it sealed. Thread-safe.
 */
public final class Encryption {
    private static final String HMAC = "HmacSHA256";

    private final SecureRandom random = new SecureRandom();
    private final ReentrantLock changing = new ReentrantLock();
    private volatile @Nullable Sealer[] sealers = new @Nullable Sealer[KeyRing.HIGHEST_ID + 1];
    private volatile Sealer current;
    private volatile @Nullable SecretKey fingerprintKey;

    /**
     * An encryption with one key, which never changes.
     *
     * @param key 32 bytes; its id is 1
     */
    public Encryption(byte[] key) {
        this(new KeyRing(List.of(new KeyRing.Key(1, key))));
        fingerprintWith(fingerprintSecret(new KeyRing.Key(1, key)));
    }

    /** Seals with the first key. Fingerprints are not available until their secret is set. */
    public Encryption(KeyRing ring) {
        current = new Sealer(ring.first(), random);
        know(ring);
    }

    /** Adds keys that can open values; a key that is known already does not change. */
    void know(KeyRing ring) {
        changing.lock();
        try {
            var all = sealers.clone();
            for (var key : ring.keys()) {
                if (all[key.id()] == null) {
                    all[key.id()] = key.id() == current.id() ? current : new Sealer(key, random);
                }
            }
            sealers = all;
        } finally {
            changing.unlock();
        }
    }

    boolean knows(int id) {
        return sealers[id] != null;
    }

    /** Makes this key the one that seals. */
    void sealWith(int id) {
        var sealer = sealers[id];
        if (sealer == null) {
            throw new IllegalArgumentException("the encryption key " + id + " is not known here");
        }
        current = sealer;
    }

    /** The id of the key that seals. */
    int sealsWith() {
        return current.id();
    }

    void fingerprintWith(byte[] secret) {
        fingerprintKey = new SecretKeySpec(secret, HMAC);
    }

    public byte[] seal(byte[] plain) {
        return current.seal(plain);
    }

    /** Seals into an array that has {@link #sealedLength} bytes of space at the offset. */
    public void seal(byte[] plain, byte[] to, int at) {
        current.seal(plain, to, at);
    }

    /** The length of a value after sealing. */
    public static int sealedLength(int plain) {
        return Sealer.sealedLength(plain);
    }

    public byte[] seal(String plain) {
        return seal(plain.getBytes(StandardCharsets.UTF_8));
    }

    /** Opens a value made by {@link #seal}. A modified value or one of another key is refused. */
    public byte[] open(byte[] sealed) {
        var plain = new byte[openedLength(sealed.length)];
        open(sealed, plain, 0);
        return plain;
    }

    /** The length of a sealed value after opening; 0 for an empty value. */
    public static int openedLength(int sealed) {
        return Math.max(0, sealed - Sealer.LEAST);
    }

    /** Opens into an array that has {@link #openedLength} bytes of space at the offset. */
    public void open(byte[] sealed, byte[] to, int at) {
        if (sealed.length < Sealer.LEAST) {
            throw new IllegalStateException("this is not a sealed value");
        }
        var sealer = sealers[keyId(sealed)];
        if (sealer == null) {
            throw new IllegalStateException("this value was sealed by the encryption key " + keyId(sealed)
                    + ", which is not known here: add that key and restart");
        }
        try {
            sealer.open(sealed, to, at);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "a value sealed by the encryption key " + keyId(sealed)
                            + " does not open: it was changed, or that key is another one here",
                    e);
        }
    }

    public String openText(byte[] sealed) {
        return new String(open(sealed), StandardCharsets.UTF_8);
    }

    /** The id of the key that sealed a value. */
    static int keyId(byte[] sealed) {
        return sealed[0] & 0xff;
    }

    /** A keyed digest of 32 bytes. Equal values have equal digests; without the key a digest reveals nothing else. */
    public byte[] fingerprint(byte[] value) {
        var key = fingerprintKey;
        if (key == null) {
            throw new IllegalStateException("this encryption has no key for fingerprints yet");
        }
        return digest(key, value);
    }

    /** A derived key, so that no key has two purposes. */
    static byte[] fingerprintSecret(KeyRing.Key key) {
        return digest(new SecretKeySpec(key.secret(), HMAC), "fingerprint".getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] digest(SecretKey key, byte[] value) {
        try {
            var mac = Mac.getInstance(HMAC);
            mac.init(key);
            return mac.doFinal(value);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot compute a digest", e);
        }
    }
}
