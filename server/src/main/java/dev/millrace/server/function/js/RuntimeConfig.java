package dev.millrace.server.function.js;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The configuration of workers.
 *
 * @param node the Node.js program, 26 or newer
 * @param directory the installed npm project of the worker
 * @param pool number and lifetime of workers
 * @param worker limits of one worker
 */
public record RuntimeConfig(Path node, Path directory, PoolLimits pool, WorkerLimits worker) {
    /**
     * The workers of one environment.
     *
     * @param workers maximum number of processes
     * @param concurrent maximum number of executions in a worker at a time
     * @param executions number of executions after which a worker is replaced
     * @param age after which a worker is replaced
     * @param idle after which an unused worker ends
     */
    public record PoolLimits(int workers, int concurrent, int executions, Duration age, Duration idle) {
        /** Two workers with up to 600 executions each: enough for all scheduled runs and for actions. */
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
     * The limits of one worker.
     *
     * @param heapMegabytes limit of the JavaScript heap
     * @param memoryMegabytes limit of resident memory, Buffers included
     * @param stall CPU time without a heartbeat after which a worker is killed
     */
    public record WorkerLimits(int heapMegabytes, int memoryMegabytes, Duration stall) {
        /** Limits for a heap size: the same again for Buffers, plus what Node itself needs. */
        public static WorkerLimits ofHeap(int megabytes) {
            return new WorkerLimits(megabytes, 2 * megabytes + 512, Duration.ofSeconds(10));
        }

        public WorkerLimits withMemory(int megabytes) {
            return new WorkerLimits(heapMegabytes, megabytes, stall);
        }
    }

    /** The default limits. */
    public static RuntimeConfig of(Path node, Path directory) {
        return new RuntimeConfig(node, directory, PoolLimits.USUAL, WorkerLimits.ofHeap(512));
    }
}
