package dev.millrace.server.run;

import dev.millrace.server.cluster.RunLease;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A run of this process that others may cancel, by an interrupt of its thread. It is interrupted at most once, and only
 * while its function is executed. The code before and after uses the database, and an interrupt would break the
 * database connection.
 */
public final class CancelScope implements AutoCloseable {
    private final Optional<UUID> sync;
    private final Consumer<CancelScope> closing;
    private volatile Optional<RunLease> lease = Optional.empty();
    private @Nullable Thread thread;
    private boolean cancelled;
    private boolean outage;

    CancelScope(Optional<UUID> sync, Consumer<CancelScope> closing) {
        this.sync = sync;
        this.closing = closing;
    }

    boolean isOf(UUID wanted) {
        return sync.filter(wanted::equals).isPresent();
    }

    void began(RunLease with) {
        lease = Optional.of(with);
    }

    /** Empty until the run has begun. */
    Optional<RunLease> lease() {
        return lease;
    }

    /**
     * From here on this thread may be interrupted.
     *
     * @throws InterruptedException when the run was cancelled before
     */
    synchronized void enter() throws InterruptedException {
        if (cancelled) {
            throw new InterruptedException("Cancelled before it began");
        }
        thread = Thread.currentThread();
    }

    /**
     * From here on this thread is not interrupted any more, and a pending interrupt is cleared; returns whether there
     * was one.
     */
    synchronized boolean leave() {
        thread = null;
        return Thread.interrupted() || cancelled;
    }

    /** The database failed during the run: the run ends, and another one continues. A cancelled run stays cancelled. */
    synchronized void breakOff() {
        if (!cancelled) {
            outage = true;
        }
        cancel();
    }

    synchronized boolean isBrokenOff() {
        return outage;
    }

    synchronized void cancel() {
        if (!cancelled && thread != null) {
            thread.interrupt();
        }
        cancelled = true;
    }

    @Override
    public void close() {
        closing.accept(this);
    }
}
