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
 * Seals secrets and payloads with AES-256-GCM. A sealed value is {@code [key id, 1 byte][iv, 12 bytes][cipher text and
 * tag]}: one key seals, every known one opens what it sealed. Thread-safe.
 */
public final class Encryption {
    private static final String HMAC = "HmacSHA256";

    private final SecureRandom random = new SecureRandom();
    private final ReentrantLock changing = new ReentrantLock();
    private volatile @Nullable Sealer[] sealers = new @Nullable Sealer[KeyRing.HIGHEST_ID + 1];
    private volatile Sealer current;
    private volatile @Nullable SecretKey fingerprintKey;

    /**
     * A encryption of one key for as long as it lives.
     *
     * @param key 32 bytes; its id is 1
     */
    public Encryption(byte[] key) {
        this(new KeyRing(List.of(new KeyRing.Key(1, key))));
        fingerprintWith(fingerprintSecret(new KeyRing.Key(1, key)));
    }

    /** Seals with the first key. It has no fingerprints until it is told how to make them. */
    public Encryption(KeyRing ring) {
        current = new Sealer(ring.first(), random);
        know(ring);
    }

    /** Opens with these keys as well from now on; a key it knows stays as it is. */
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

    /** From now on this key seals. */
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

    /** Seals into an array, which has {@link #sealedLength} bytes of room from a place on. */
    public void seal(byte[] plain, byte[] to, int at) {
        current.seal(plain, to, at);
    }

    /** How long a value is when it is sealed. */
    public static int sealedLength(int plain) {
        return Sealer.sealedLength(plain);
    }

    public byte[] seal(String plain) {
        return seal(plain.getBytes(StandardCharsets.UTF_8));
    }

    /** Opens what {@link #seal} made; a changed value or one of another key is refused. */
    public byte[] open(byte[] sealed) {
        var plain = new byte[openedLength(sealed.length)];
        open(sealed, plain, 0);
        return plain;
    }

    /** How long a sealed value is when it is opened; 0 for what is none. */
    public static int openedLength(int sealed) {
        return Math.max(0, sealed - Sealer.LEAST);
    }

    /** Opens into an array, which has {@link #openedLength} bytes of room from a place on. */
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

    /** Which key sealed a value. */
    static int keyId(byte[] sealed) {
        return sealed[0] & 0xff;
    }

    /** A keyed digest of 32 bytes: equal for equal values, telling nothing to whoever lacks the key. */
    public byte[] fingerprint(byte[] value) {
        var key = fingerprintKey;
        if (key == null) {
            throw new IllegalStateException("this encryption has no key for fingerprints yet");
        }
        return digest(key, value);
    }

    /** A key of its own, so that no key is used for two purposes. */
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
