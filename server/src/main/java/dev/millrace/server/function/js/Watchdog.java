package dev.millrace.server.function.js;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Distinguishes an endless loop from a worker that gets no CPU. A worker that has used much CPU time since its last
 * heartbeat is in an endless loop; one that has used little is waiting for CPU. Only a very long silence counts by
 * itself. A worker in a loop is first interrupted, which ends only the running function. If it does not react, it is
 * killed.
 */
final class Watchdog {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
    private static final Duration SILENCE = Duration.ofMinutes(2);
    private static final Duration OVERDUE_STALL = Duration.ofSeconds(1);
    /** CPU time after an interrupt within which the worker must send a heartbeat. */
    private static final Duration REACTION = Duration.ofSeconds(2);

    private static final int PAGE = 4096;
    private static final long MEGABYTE = 1024L * 1024;

    /** Resident memory of a worker besides its heap, in megabytes: Node's own code and data. */
    private static final int BESIDE_HEAP = 64;

    /**
     * The state of a worker at its last heartbeat.
     *
     * @param interrupted the CPU time when it was interrupted since then; null when it was not
     */
    private record Beat(
            long count, Duration cpu, long at, @Nullable Duration interrupted) {
        Beat interruptedAt(Duration now) {
            return new Beat(count, cpu, at, now);
        }
    }

    private final Duration stall;
    private final long mostMemory;
    private final long fullHeap;
    private Map<Worker, Beat> beats = new HashMap<>();

    Watchdog(RuntimeConfig.WorkerLimits limits) {
        this.stall = limits.stall();
        this.mostMemory = limits.memoryMegabytes() * MEGABYTE;
        this.fullHeap = (limits.heapMegabytes() + BESIDE_HEAP) * MEGABYTE;
    }

    /** Checks every worker once; to be called about twice a second, by one thread. */
    void look(List<Worker> workers) {
        var next = new HashMap<Worker, Beat>();
        for (var worker : workers) {
            next.put(worker, look(worker));
        }
        beats = next;
    }

    private Beat look(Worker worker) {
        var last = beats.get(worker);
        long count = worker.beats();
        if (memory(worker) > mostMemory) {
            LOG.warn("{} uses too much memory and is killed", worker.name());
            worker.kill("function_runtime_out_of_memory");
        }
        var cpu = worker.cpu();
        if (last == null || last.count() != count) {
            return new Beat(count, cpu, System.nanoTime(), null);
        }
        var used = cpu.minus(last.cpu());
        var limit = worker.hasOverdue() && stall.compareTo(OVERDUE_STALL) > 0 ? OVERDUE_STALL : stall;
        var silence = Duration.ofNanos(System.nanoTime() - last.at());
        boolean silentTooLong = silence.compareTo(SILENCE) > 0;
        if (used.compareTo(limit) <= 0 && !silentTooLong) {
            return last;
        }
        // With its heap full, the worker was collecting garbage, not looping.
        boolean isFull = memory(worker) > fullHeap;
        if (last.interrupted() == null && !isFull && !silentTooLong) {
            LOG.warn("{} is interrupted: silent for {}, {} of CPU used meanwhile", worker.name(), silence, used);
            worker.interrupt();
            return last.interruptedAt(cpu);
        }
        if (last.interrupted() == null || cpu.minus(last.interrupted()).compareTo(REACTION) > 0 || silentTooLong) {
            LOG.warn("{} is killed: silent for {}, {} of CPU used meanwhile", worker.name(), silence, used);
            worker.kill(isFull ? "function_runtime_out_of_memory" : "function_runtime_timed_out");
        }
        return last;
    }

    /** Buffers are outside the heap, where no limit of Node applies. Only Linux shows how much memory they take. */
    private static long memory(Worker worker) {
        try {
            var fields = Files.readString(Path.of("/proc/" + worker.pid() + "/statm"))
                    .split(" ", 3);
            return Long.parseLong(fields[1]) * PAGE;
        } catch (NoSuchFileException _) {
            return 0;
        } catch (IOException e) {
            LOG.debug("The memory of {} cannot be read", worker.name(), e);
            return 0;
        }
    }
}
