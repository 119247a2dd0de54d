package dev.millrace.server.record;

import java.lang.ref.SoftReference;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Arrays that pages were written into, for the next pages: a page is large, lives for as long as its client reads, and
 * would fill the young generation with little else. Thread-safe.
 */
final class PageBuffers {
    /** What a page begins with when there is nothing to use again. */
    static final int FIRST = 2 * 1024;

    private static final int LARGEST = 4 * 1024 * 1024;
    private static final int KEPT = 16;

    /** Soft: they go when memory is needed more urgently, or when a collection finds them unused for some time. */
    private final Queue<SoftReference<byte[]>> free = new ArrayBlockingQueue<>(KEPT);

    /** One of any size: it is to be given back when it has grown. */
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
