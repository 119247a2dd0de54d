package dev.millrace.server.run;

import dev.millrace.server.function.js.HostError;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The version of the connection's metadata with which a run works. If the environment restarts syncs when metadata
 * changes, a run with an older version must not delete records because it has not seen them. Thread-safe.
 */
final class MetadataPin {
    static final String STALE = "The metadata changed during this run: nothing is deleted, the sync restarts.";

    private final RunStore store;
    private final long run;
    private final BooleanSupplier restarts;
    private volatile boolean held;

    MetadataPin(RunStore store, long run, BooleanSupplier restarts) {
        this.store = store;
        this.run = run;
        this.restarts = restarts;
    }

    /** The run began to track what it saves. */
    void hold() {
        held = true;
    }

    boolean held() {
        return held;
    }

    boolean stale() {
        return restarts.getAsBoolean() && store.stale(run);
    }

    /** Called before records that the run has not saved are deleted. */
    void check() {
        if (stale()) {
            throw HostError.of(STALE, Optional.of("metadata_changed"));
        }
    }
}
