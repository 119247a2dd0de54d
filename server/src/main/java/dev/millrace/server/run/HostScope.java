package dev.millrace.server.run;

import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.db.Outage;
import java.util.Optional;

/**
 * In whose name the calls of a function are made.
 *
 * @param lease empty: it leaves nothing behind
 * @param onLost ends the execution, since another process has taken over the run
 * @param onOutage ends the execution, since the database has failed under it
 */
record HostScope(Optional<RunLease> lease, Runnable onLost, Runnable onOutage) {
    static final HostScope NONE = new HostScope(Optional.empty(), () -> {}, () -> {});

    <T> T call(ScopedValue.CallableOp<T, InterruptedException> work) throws InterruptedException {
        try {
            return lease.isEmpty() ? work.call() : lease.get().hold(work);
        } catch (LeaseLost e) {
            onLost.run();
            throw e;
        } catch (RuntimeException e) {
            if (Outage.behind(e).isPresent()) {
                onOutage.run();
            }
            throw e;
        }
    }

    /** 0: none. */
    long run() {
        return lease.map(RunLease::run).orElse(0L);
    }
}
