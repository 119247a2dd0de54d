package dev.millrace.server.http;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the connection while a handler is busy, because only a read shows that the client has disconnected. Bytes
 * that arrive early are given to the connection.
 */
final class ClientWatch implements Callback {
    private static final int AHEAD = 8 * 1024;

    private final Http1Connection connection;
    private final AbstractEndPoint endPoint;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Thread waiting;
    private boolean left;

    ClientWatch(Http1Connection connection) {
        this.connection = connection;
        this.endPoint = (AbstractEndPoint) connection.getEndPoint();
    }

    /**
     * Interrupts this thread if the client disconnects before the guard is closed. The request's body must have been
     * read.
     */
    Request.Guard guard() {
        lock.lock();
        try {
            if (left) {
                Thread.currentThread().interrupt();
            } else if (connection.isRequestBufferEmpty()) {
                waiting = Thread.currentThread();
                endPoint.tryFillInterested(this);
            }
            return this::end;
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            if (waiting != null) {
                waiting = null;
                // When the connection turns to the next request, nobody else may be waiting for its input.
                endPoint.getFillInterest().onFail(new EOFException("The watch has ended"));
            }
            if (left) {
                // The interrupt was meant for the guarded work; what follows may use the database.
                Thread.interrupted();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the client has disconnected. */
    boolean left() {
        lock.lock();
        try {
            return left;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void succeeded() {
        lock.lock();
        try {
            if (waiting == null) {
                return;
            }
            var ahead = ByteBuffer.allocate(AHEAD).limit(0);
            int count = endPoint.fill(ahead);
            if (count < 0) {
                leave();
            } else if (count == 0) {
                endPoint.tryFillInterested(this);
            } else {
                waiting = null;
                connection.onUpgradeTo(ahead);
            }
        } catch (IOException _) {
            leave();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void failed(Throwable cause) {
        lock.lock();
        try {
            leave();
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        var thread = waiting;
        if (thread != null) {
            waiting = null;
            left = true;
            thread.interrupt();
        }
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }
}
