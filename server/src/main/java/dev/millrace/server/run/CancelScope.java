package dev.millrace.server.run;

import dev.millrace.server.cluster.RunLease;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of this process, as far as others may cancel it: by an interrupt of its thread, once at most, and only while its
 * function is executed. What comes before and after uses the database, which an interrupt would break.
 */
public final class CancelScope implements AutoCloseable {
    private final Optional<UUID> sync;
    private final Consumer<CancelScope> closing;
    private volatile Optional<RunLease> lease = Optional.empty();
    private @Nullable Thread thread;
    private boolean cancelled;
    private volatile boolean outage;

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

    /** Empty until it has begun. */
    Optional<RunLease> lease() {
        return lease;
    }

    /**
     * From here on this thread is interrupted.
     *
     * @throws InterruptedException when it was cancelled before
     */
    synchronized void enter() throws InterruptedException {
        if (cancelled) {
            throw new InterruptedException("Cancelled before it began");
        }
        thread = Thread.currentThread();
    }

    /** From here on it is not interrupted any more, and no trace is left of an interrupt; tells whether there was one. */
    synchronized boolean leave() {
        thread = null;
        return Thread.interrupted() || cancelled;
    }

    /** The database failed under the run: it ends here, another one goes on. */
    void breakOff() {
        outage = true;
        cancel();
    }

    boolean isBrokenOff() {
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
