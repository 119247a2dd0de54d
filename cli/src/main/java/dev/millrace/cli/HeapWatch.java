package dev.millrace.cli;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Has the heap collected in full once it has doubled since the last time. The serial collector by itself lets the old
 * generation grow to the most it may have, a quarter of the machine's memory, before it looks for garbage there.
 */
final class HeapWatch {
    private static final Duration EACH = Duration.ofSeconds(1);

    /** A heap below this is left alone. */
    private static final long SMALL = 160L * 1024 * 1024;

    private final LongSupplier used;
    private final Runnable collect;
    private long most = SMALL;

    /**
     * @param used the bytes of the heap in use, garbage included
     * @param collect removes all garbage
     */
    HeapWatch(LongSupplier used, Runnable collect) {
        this.used = used;
        this.collect = collect;
    }

    /** Watches the heap of this process as long as it lives. */
    static void start() {
        var runtime = Runtime.getRuntime();
        var watch = new HeapWatch(() -> runtime.totalMemory() - runtime.freeMemory(), System::gc);
        Thread.ofPlatform().daemon().name("heap-watch").start(watch::run);
    }

    private void run() {
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(EACH.toNanos());
                look();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Collects if it is time to. */
    void look() {
        if (used.getAsLong() > most) {
            collect.run();
            most = Math.max(SMALL, 2 * used.getAsLong());
        }
    }
}
