package dev.millrace.server.function.runtime;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How workers run.
 *
 * @param node the Node program, 24 or newer
 * @param directory the installed npm project of the worker
 * @param workersPerEnvironment most processes of one environment
 * @param heapMegabytes limit of a worker's heap
 * @param idle how long an unused worker lives on
 * @param stall CPU time after which a worker that answers no heartbeat is killed
 */
public record RuntimeConfig(
        Path node, Path directory, int workersPerEnvironment, int heapMegabytes, Duration idle, Duration stall) {
    /** The usual limits. */
    public static RuntimeConfig of(Path node, Path directory) {
        return new RuntimeConfig(node, directory, 2, 512, Duration.ofMinutes(5), Duration.ofSeconds(10));
    }
}
