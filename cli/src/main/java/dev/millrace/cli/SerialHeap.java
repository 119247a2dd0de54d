package dev.millrace.cli;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.millrace.cli.HeapWatch.Room;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.util.Optional;

/**
 * The heap of this process, if the serial collector keeps it. After each full collection that collector gives the old generation
 * what is alive and a share of free room, and the young generation a part of the old one's size: so the shares decide on both.
 */
final class SerialHeap implements HeapWatch.Heap {
    private final MemoryPoolMXBean eden;
    private final GarbageCollectorMXBean young;
    private final HotSpotDiagnosticMXBean options;

    private SerialHeap(MemoryPoolMXBean eden, GarbageCollectorMXBean young) {
        this.eden = eden;
        this.young = young;
        this.options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    }

    /** Empty with another collector. */
    static Optional<SerialHeap> ofThisProcess() {
        var eden = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getName().equals("Eden Space"))
                .findAny();
        var young = ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> collector.getName().equals("Copy"))
                .findAny();
        return eden.flatMap(pool -> young.map(collector -> new SerialHeap(pool, collector)));
    }

    @Override
    public long used() {
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Override
    public long youngCollections() {
        return young.getCollectionCount();
    }

    @Override
    public boolean canGrow() {
        var usage = eden.getUsage();
        return usage.getCommitted() < 0.9 * usage.getMax();
    }

    @Override
    public void collect(Room room) {
        switch (room) {
            case AMPLE -> leave(90, 95);
            case LITTLE -> leave(10, 20);
        }
        System.gc();
    }

    /** The least may never be above the most, so the latter makes way first. */
    private void leave(int leastPercent, int mostPercent) {
        options.setVMOption("MaxHeapFreeRatio", "100");
        options.setVMOption("MinHeapFreeRatio", String.valueOf(leastPercent));
        options.setVMOption("MaxHeapFreeRatio", String.valueOf(mostPercent));
    }
}
