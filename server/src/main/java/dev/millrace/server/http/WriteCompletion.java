package dev.millrace.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** The completion of one write, for the thread that created this. Usually the write is complete at once. */
final class WriteCompletion implements Callback {
    private final Thread waiting = Thread.currentThread();
    private volatile boolean done;
    private @Nullable Throwable failure;

    /**
     * Returns when the bytes may be reused, even after an interrupt: the connection of a client that does not read is
     * closed.
     */
    void await() {
        boolean interrupted = false;
        while (!done) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            waiting.interrupt();
        }
        var cause = failure;
        if (cause != null) {
            throw new UncheckedIOException(cause instanceof IOException e ? e : new IOException(cause));
        }
    }

    @Override
    public void succeeded() {
        done = true;
        if (Thread.currentThread() != waiting) {
            LockSupport.unpark(waiting);
        }
    }

    @Override
    public void failed(Throwable cause) {
        failure = cause;
        succeeded();
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }
}
