package dev.millrace.server.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.ServerConnectionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The input of one client's connection. While an answer is made it can be read ahead, because only a read tells that the
 * client has gone: the web server itself reads between requests alone. Its methods are the connection's thread's.
 */
final class ClientWatch implements Supplier<byte @Nullable []> {
    /** The one of the connection whose request is being handled. */
    static final ScopedValue<ClientWatch> CURRENT = ScopedValue.newInstance();

    private final DataReader source;
    private @Nullable Ahead ahead;

    ClientWatch(DataReader source) {
        this.source = source;
    }

    /**
     * Interrupts this thread when the client leaves before the guard is closed; a request that comes ahead of its time
     * ends the watch, too. The request at hand must have been read to its end.
     */
    Request.Guard guard() {
        var reading = ahead;
        if (reading == null) {
            reading = new Ahead(source);
            ahead = reading;
            Thread.ofVirtual().name("client-watch").start(reading);
        }
        reading.wake(Thread.currentThread());
        return reading::sleep;
    }

    /** Whether the client has been seen to leave. */
    boolean left() {
        return ahead != null && ahead.left();
    }

    /** The next bytes, those read ahead first; null at the end. */
    @Override
    public byte @Nullable [] get() {
        var reading = ahead;
        if (reading == null) {
            return read(source);
        }
        ahead = null;
        try {
            return reading.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new ServerConnectionException("Failed to get what was read ahead", e);
        }
    }

    private static byte @Nullable [] read(DataReader source) {
        try {
            source.ensureAvailable();
            return source.readBytes(source.available());
        } catch (DataReader.InsufficientDataAvailableException e) {
            return null;
        }
    }

    /** One read, and whom to tell if there was nothing more. */
    private static final class Ahead extends FutureTask<byte @Nullable []> {
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable Thread waiting;
        private boolean left;

        Ahead(DataReader source) {
            super(() -> read(source));
        }

        @Override
        protected void done() {
            lock.lock();
            try {
                left = state() != State.SUCCESS || resultNow() == null;
                tell();
            } finally {
                lock.unlock();
            }
        }

        private void tell() {
            if (left && waiting != null) {
                waiting.interrupt();
            }
        }

        void wake(Thread thread) {
            lock.lock();
            try {
                waiting = thread;
                tell();
            } finally {
                lock.unlock();
            }
        }

        void sleep() {
            lock.lock();
            try {
                waiting = null;
                if (left) {
                    // It was for the work that was guarded; what comes now may use the database.
                    Thread.interrupted();
                }
            } finally {
                lock.unlock();
            }
        }

        boolean left() {
            lock.lock();
            try {
                return left;
            } finally {
                lock.unlock();
            }
        }
    }
}
