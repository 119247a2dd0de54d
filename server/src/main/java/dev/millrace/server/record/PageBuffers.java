package dev.millrace.server.record;

import java.lang.ref.SoftReference;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Reuses the arrays of pages. A page is large and exists for as long as its client reads; new arrays would fill the
 * young generation. Thread-safe.
 */
final class PageBuffers {
    /** The size of a new array. */
    static final int FIRST = 2 * 1024;

    private static final int LARGEST = 4 * 1024 * 1024;
    private static final int KEPT = 16;

    /**
     * Soft references: arrays are released when memory is short, or when a collection finds them unused for some time.
     */
    private final Queue<SoftReference<byte[]>> free = new ArrayBlockingQueue<>(KEPT);

    /** An array of any size. The caller returns it, possibly replaced by a larger one. */
    byte[] take() {
        for (var kept = free.poll(); kept != null; kept = free.poll()) {
            var array = kept.get();
            if (array != null) {
                return array;
            }
        }
        return new byte[FIRST];
    }

    void give(byte[] array) {
        if (array.length > FIRST && array.length <= LARGEST) {
            free.offer(new SoftReference<>(array));
        }
    }
}
