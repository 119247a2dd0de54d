package dev.millrace.cli;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the heap as large as its load asks for. The serial collector by itself lets the old generation grow to the most it may
 * have, a quarter of the machine's memory, before it looks for garbage there, and sizes the young generation only then: so the
 * heap is collected in full when it has doubled, when it is busy for its size, and when the server has become quiet.
 */
final class HeapWatch {
    private static final Duration EACH = Duration.ofSeconds(1);
    private static final long MEGABYTE = 1024 * 1024;

    /** A heap below this is not collected for having doubled. */
    private static final long SMALL = 160 * MEGABYTE;

    /** Collections of a small young generation within one look at which it is too small; they must be seen twice in a row. */
    private static final int OFTEN = 3;

    /** Looks after each of which it is asked whether the server was quiet: that it had hardly a collection meanwhile. */
    private static final int SPELL = 20;

    /** Garbage that is worth a collection of a quiet server. */
    private static final long WORTHWHILE = 16 * MEGABYTE;

    /** How much a collection leaves free. */
    enum Room {
        /** For a server that works: a large young generation, of which little survives. */
        AMPLE,
        /** For one that does not: what is free goes back to the operating system. */
        LITTLE
    }

    /** The heap of a process. */
    interface Heap {
        /** How many bytes are in use, garbage included. */
        long used();

        /** How often the young generation was collected since the process began. */
        long youngCollections();

        /** Removes all garbage. */
        void collect(Room room);
    }

    private final Heap heap;
    private long most = SMALL;
    private long live;
    private long collections;
    private boolean busy;
    private boolean roomy;
    private long spellBegan;
    private int looks;

    HeapWatch(Heap heap) {
        this.heap = heap;
        this.collections = heap.youngCollections();
        this.spellBegan = collections;
    }

    /** Watches the heap as long as the process lives. */
    static void start(Heap heap) {
        Thread.ofPlatform().daemon().name("heap-watch").start(new HeapWatch(heap)::run);
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
        boolean crowded = isBusy() && !roomy;
        boolean wasteful = wasQuiet() && (roomy || heap.used() > live + WORTHWHILE);
        if (crowded || heap.used() > most) {
            collect(Room.AMPLE);
        } else if (wasteful) {
            collect(Room.LITTLE);
        }
    }

    private boolean isBusy() {
        long now = heap.youngCollections();
        boolean often = now - collections >= OFTEN;
        boolean still = often && busy;
        collections = now;
        busy = often;
        return still;
    }

    /** Asked at every look, answers at the end of a spell only. */
    private boolean wasQuiet() {
        looks++;
        if (looks < SPELL) {
            return false;
        }
        boolean quiet = collections - spellBegan <= 1;
        spellBegan = collections;
        looks = 0;
        return quiet;
    }

    private void collect(Room room) {
        heap.collect(room);
        roomy = room == Room.AMPLE;
        live = heap.used();
        most = Math.max(SMALL, 2 * live);
    }
}
