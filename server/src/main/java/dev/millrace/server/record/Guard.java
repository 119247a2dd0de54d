package dev.millrace.server.record;

import java.util.HashSet;
import java.util.Set;

/**
 * Keeps a run from overwriting what others changed since it set its merging strategy to {@code ignore_if_modified_after}.
 * Made by {@link Records#guard}; one per run and dataset; thread-safe.
 */
public final class Guard {
    private final long start;
    private final Set<Long> own = new HashSet<>();

    Guard(long start) {
        this.start = start;
    }

    /** Whether a record last modified at this time may be changed. A batch has its time alone, so it tells who wrote. */
    synchronized boolean permits(long modified) {
        return modified <= start || own.contains(modified);
    }

    synchronized void wrote(long modified) {
        own.add(modified);
    }
}
