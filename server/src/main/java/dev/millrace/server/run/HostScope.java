package dev.millrace.server.run;

import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.db.Outage;
import java.util.Optional;

/**
 * The identity of a function's calls.
 *
 * @param lease empty: the execution stores nothing
 * @param onLost ends the execution, because another process has taken over the run
 * @param onOutage ends the execution, because the database has failed
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
            if (Thread.currentThread().isInterrupted()) {
                // An interrupt breaks a database call that is in progress. The call is cancelled; this is no outage.
                throw cancelled(e);
            }
            if (Outage.behind(e).isPresent()) {
                onOutage.run();
            }
            throw e;
        }
    }

    private static InterruptedException cancelled(RuntimeException cause) {
        var cancelled = new InterruptedException("The call was cancelled");
        cancelled.initCause(cause);
        return cancelled;
    }

    /** 0: none. */
    long run() {
        return lease.map(RunLease::run).orElse(0L);
    }
}
