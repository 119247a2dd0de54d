package dev.millrace.server.run;

import dev.millrace.server.function.js.HostError;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Which version of its connection's metadata a run works with. Where the environment wants a sync to start anew when
 * its metadata changes, a run on an older version may not conclude from what it was not given that it is gone.
 * Thread-safe.
 */
final class MetadataPin {
    static final String STALE = "The metadata changed while this ran: nothing is deleted, the sync starts anew.";

    private final RunStore store;
    private final long run;
    private final BooleanSupplier restarts;
    private volatile boolean held;

    MetadataPin(RunStore store, long run, BooleanSupplier restarts) {
        this.store = store;
        this.run = run;
        this.restarts = restarts;
    }

    /** The run began to note what it is given. */
    void hold() {
        held = true;
    }

    boolean held() {
        return held;
    }

    boolean stale() {
        return restarts.getAsBoolean() && store.stale(run);
    }

    /** Before a deletion of what the run was not given. */
    void check() {
        if (stale()) {
            throw HostError.of(STALE, Optional.of("metadata_changed"));
        }
    }
}
