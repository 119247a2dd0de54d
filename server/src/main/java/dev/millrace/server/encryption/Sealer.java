package dev.millrace.server.encryption;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Seals and opens with one key. Thread-safe. */
final class Sealer {
    static final int IV_BYTES = 12;
    static final int HEAD = 1 + IV_BYTES;
    static final int TAG_BYTES = 16;
    /** A sealed value of this length or less is empty. */
    static final int LEAST = HEAD + TAG_BYTES;

    // Each random draw yields this many consecutive IVs; docs/adr/011 has the calculation.
    private static final int IVS_PER_DRAW = 256;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final int id;
    private final SecretKey key;
    private final SecureRandom random;
    private final Queue<Machine> machines = new ArrayBlockingQueue<>(64);

    Sealer(KeyRing.Key key, SecureRandom random) {
        this.id = key.id();
        this.key = new SecretKeySpec(key.secret(), "AES");
        this.random = random;
    }

    int id() {
        return id;
    }

    /** Ciphers are expensive to create and contain the key schedule. A cipher is reused unless it has failed. */
    private static final class Machine {
        private final Cipher cipher;
        private int high;
        private long low;
        private int left;

        Machine() throws GeneralSecurityException {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        }

        /** A cipher is used by one thread at a time, so no other value gets this IV. */
        void nextIv(byte[] to, int at, SecureRandom random) {
            if (left == 0) {
                high = random.nextInt();
                low = random.nextLong();
                left = IVS_PER_DRAW;
            }
            INT.set(to, at, high);
            LONG.set(to, at + Integer.BYTES, low++);
            left--;
        }
    }

    private Machine machine() throws GeneralSecurityException {
        var idle = machines.poll();
        return idle == null ? new Machine() : idle;
    }

    static int sealedLength(int plain) {
        return LEAST + plain;
    }

    byte[] seal(byte[] plain) {
        var sealed = new byte[sealedLength(plain.length)];
        seal(plain, sealed, 0);
        return sealed;
    }

    void seal(byte[] plain, byte[] to, int at) {
        try {
            to[at] = (byte) id;
            var machine = machine();
            machine.nextIv(to, at + 1, random);
            machine.cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * 8, to, at + 1, IV_BYTES));
            machine.cipher.doFinal(plain, 0, plain.length, to, at + HEAD);
            machines.offer(machine);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encrypt", e);
        }
    }

    byte[] open(byte[] sealed) throws GeneralSecurityException {
        var plain = new byte[sealed.length - LEAST];
        open(sealed, plain, 0);
        return plain;
    }

    void open(byte[] sealed, byte[] to, int at) throws GeneralSecurityException {
        var machine = machine();
        machine.cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * 8, sealed, 1, IV_BYTES));
        machine.cipher.doFinal(sealed, HEAD, sealed.length - HEAD, to, at);
        machines.offer(machine);
    }
}
