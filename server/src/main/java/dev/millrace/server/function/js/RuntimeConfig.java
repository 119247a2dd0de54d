package dev.millrace.server.function.js;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How workers run.
 *
 * @param node the Node program, 24 or newer
 * @param directory the installed npm project of the worker
 * @param pool how many there are and how long they live
 * @param worker what one of them may use
 */
public record RuntimeConfig(Path node, Path directory, PoolLimits pool, WorkerLimits worker) {
    /**
     * The workers of one environment.
     *
     * @param workers most processes of one environment
     * @param concurrent most executions of one worker at a time
     * @param executions after how many executions a worker is replaced
     * @param age after what time a worker is replaced
     * @param idle how long an unused worker lives on
     */
    public record PoolLimits(int workers, int concurrent, int executions, Duration age, Duration idle) {
        /** Two workers, each with up to 600 executions at a time: room for all that the schedule starts, and for actions. */
        public static final PoolLimits USUAL =
                new PoolLimits(2, 600, 20_000, Duration.ofHours(24), Duration.ofMinutes(5));

        public PoolLimits withWorkers(int most) {
            return new PoolLimits(most, concurrent, executions, age, idle);
        }

        public PoolLimits withConcurrent(int most) {
            return new PoolLimits(workers, most, executions, age, idle);
        }
    }

    /**
     * One worker.
     *
     * @param heapMegabytes limit of JavaScript's heap
     * @param memoryMegabytes limit of its resident memory, Buffers included
     * @param stall CPU time after which a worker that answers no heartbeat is killed
     */
    public record WorkerLimits(int heapMegabytes, int memoryMegabytes, Duration stall) {
        /** Limits around a heap: as much again for Buffers, and what Node itself needs. */
        public static WorkerLimits ofHeap(int megabytes) {
            return new WorkerLimits(megabytes, 2 * megabytes + 512, Duration.ofSeconds(10));
        }

        public WorkerLimits withMemory(int megabytes) {
            return new WorkerLimits(heapMegabytes, megabytes, stall);
        }
    }

    /** The usual limits. */
    public static RuntimeConfig of(Path node, Path directory) {
        return new RuntimeConfig(node, directory, PoolLimits.USUAL, WorkerLimits.ofHeap(512));
    }
}
