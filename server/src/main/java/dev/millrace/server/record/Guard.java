package dev.millrace.server.record;

import java.util.HashSet;
import java.util.Set;

/**
 * Implements the merging strategy {@code ignore_if_modified_after}: a run does not overwrite what others have changed
 * since it set the strategy. Created by {@link Records#guard}, one per run and dataset. Thread-safe.
 */
public final class Guard {
    private final long start;
    private final Set<Long> own = new HashSet<>();

    Guard(long start) {
        this.start = start;
    }

    /**
     * Whether a record with this modification time may be changed. Each batch has a time of its own, which identifies
     * its writer.
     */
    synchronized boolean permits(long modified) {
        return modified <= start || own.contains(modified);
    }

    synchronized void wrote(long modified) {
        own.add(modified);
    }
}
