package dev.millrace.server.vault;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals secrets and payloads with AES-256-GCM. A sealed value is {@code [key id, 1 byte][iv, 12 bytes][cipher text and
 * tag]}: the key id lets keys be rotated. Thread-safe.
 */
public final class Vault {
    private static final byte KEY_ID = 1;
    private static final String HMAC = "HmacSHA256";
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int HEAD = 1 + IV_BYTES;

    private final SecretKey key;
    private final SecretKey fingerprintKey;
    private final SecureRandom random = new SecureRandom();
    private final Queue<Cipher> ciphers = new ArrayBlockingQueue<>(64);

    /** @param key 32 bytes */
    public Vault(byte[] key) {
        if (key.length != 32) {
            throw new IllegalArgumentException("an encryption key has 32 bytes, this one has " + key.length);
        }
        this.key = new SecretKeySpec(key, "AES");
        this.fingerprintKey = fingerprintKey(key);
    }

    public byte[] seal(byte[] plain) {
        try {
            var sealed = new byte[HEAD + plain.length + TAG_BITS / 8];
            var iv = new byte[IV_BYTES];
            random.nextBytes(iv);
            sealed[0] = KEY_ID;
            System.arraycopy(iv, 0, sealed, 1, IV_BYTES);
            run(Cipher.ENCRYPT_MODE, iv, plain, 0, plain.length, sealed, HEAD);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encrypt", e);
        }
    }

    public byte[] seal(String plain) {
        return seal(plain.getBytes(StandardCharsets.UTF_8));
    }

    /** Opens what {@link #seal} made; a changed value or another key is refused. */
    public byte[] open(byte[] sealed) {
        if (sealed.length < HEAD + TAG_BITS / 8 || sealed[0] != KEY_ID) {
            throw new IllegalStateException("this value was sealed by a key that is not known here");
        }
        try {
            var iv = Arrays.copyOfRange(sealed, 1, HEAD);
            var plain = new byte[sealed.length - HEAD - TAG_BITS / 8];
            run(Cipher.DECRYPT_MODE, iv, sealed, HEAD, sealed.length - HEAD, plain, 0);
            return plain;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot decrypt: was the encryption key changed?", e);
        }
    }

    public String openText(byte[] sealed) {
        return new String(open(sealed), StandardCharsets.UTF_8);
    }

    /** A keyed digest of 32 bytes: equal for equal values, telling nothing to whoever lacks the key. */
    public byte[] fingerprint(byte[] value) {
        try {
            var mac = Mac.getInstance(HMAC);
            mac.init(fingerprintKey);
            return mac.doFinal(value);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot compute a digest", e);
        }
    }

    /** A key of its own, so that no key is used for two purposes. */
    private static SecretKey fingerprintKey(byte[] key) {
        try {
            var mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return new SecretKeySpec(mac.doFinal("fingerprint".getBytes(StandardCharsets.UTF_8)), HMAC);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot derive a key", e);
        }
    }

    /** Ciphers are costly to make and keep the key's schedule: each is used again when it has done well. */
    private void run(int mode, byte[] iv, byte[] from, int at, int length, byte[] to, int offset)
            throws GeneralSecurityException {
        var idle = ciphers.poll();
        var cipher = idle == null ? Cipher.getInstance("AES/GCM/NoPadding") : idle;
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, iv));
        cipher.doFinal(from, at, length, to, offset);
        ciphers.offer(cipher);
    }
}
