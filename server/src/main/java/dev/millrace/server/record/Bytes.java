package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing array of bytes. */
public final class Bytes {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] array;
    private int length;

    public Bytes(int capacity) {
        this(new byte[capacity]);
    }

    /** @param array is written to; no longer used once it is too short */
    public Bytes(byte[] array) {
        this.array = array;
    }

    public Bytes put(int value) {
        ensureCapacity(1);
        array[length++] = (byte) value;
        return this;
    }

    public Bytes put(byte[] from, int start, int end) {
        int count = end - start;
        ensureCapacity(count);
        System.arraycopy(from, start, array, length, count);
        length += count;
        return this;
    }

    public Bytes put(byte[] from) {
        return put(from, 0, from.length);
    }

    /** Text whose characters are all below 256. */
    public Bytes latin(String text) {
        return put(text.getBytes(ISO_8859_1));
    }

    Bytes putInt(int value) {
        ensureCapacity(Integer.BYTES);
        INT.set(array, length, value);
        length += Integer.BYTES;
        return this;
    }

    /** Overwrites existing bytes. */
    void setLong(int at, long value) {
        LONG.set(array, at, value);
    }

    /** Ensures the capacity for more bytes, which may be written from {@link #length} on before {@link #filledTo}. */
    byte[] open(int more) {
        ensureCapacity(more);
        return array;
    }

    void filledTo(int end) {
        length = end;
    }

    private void ensureCapacity(int more) {
        if (array.length - length < more) {
            array = Arrays.copyOf(array, Math.max(Math.addExact(length, more), (int) Math.min(2L * length, MOST)));
        }
    }

    private static final int MOST = Integer.MAX_VALUE - 8;

    int length() {
        return length;
    }

    void truncate(int to) {
        length = to;
    }

    /** The underlying bytes, of which the first {@link #length} are valid. */
    byte[] array() {
        return array;
    }

    public byte[] toArray() {
        return Arrays.copyOf(array, length);
    }
}
