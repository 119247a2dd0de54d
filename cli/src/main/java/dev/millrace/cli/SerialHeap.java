package dev.millrace.cli;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.millrace.cli.HeapWatch.Room;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/**
 * The heap of this process, if the serial collector keeps it. After each full collection that collector gives the old generation
 * what is alive and a share of free room, and the young generation a part of the old one's size: so the shares decide on both.
 */
final class SerialHeap implements HeapWatch.Heap {
    private final GarbageCollectorMXBean young;
    private final HotSpotDiagnosticMXBean options;

    private SerialHeap(GarbageCollectorMXBean young) {
        this.young = young;
        this.options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    }

    /** Empty with another collector. */
    static Optional<SerialHeap> ofThisProcess() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> collector.getName().equals("Copy"))
                .findAny()
                .map(SerialHeap::new);
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
    public void collect(Room room) {
        switch (room) {
            case AMPLE -> leave(90, 95);
            case LITTLE -> leave(5, 10);
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
