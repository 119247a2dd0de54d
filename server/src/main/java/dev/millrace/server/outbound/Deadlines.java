package dev.millrace.server.outbound;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Ends exchanges that exceed their deadline, and idle connections. Socket timeouts end only silence; this also ends a
 * peer that sends a byte from time to time. Its thread runs only while there is something to watch. Thread-safe.
 */
final class Deadlines implements AutoCloseable {
    private static final long LOOK = 100_000_000;
    private static final long LOOK_AT_RESTING = 5_000_000_000L;

    private final Connections connections;
    private final Set<Exchange> live = ConcurrentHashMap.newKeySet();
    private final ReentrantLock starting = new ReentrantLock();
    private volatile @Nullable Thread watching;
    private volatile boolean resting;
    private volatile boolean closed;

    Deadlines(Connections connections) {
        this.connections = connections;
    }

    void add(Exchange exchange) {
        live.add(exchange);
        var thread = watching;
        if (thread == null) {
            start();
        } else if (resting) {
            LockSupport.unpark(thread);
        }
    }

    void remove(Exchange exchange) {
        live.remove(exchange);
    }

    private void start() {
        starting.lock();
        try {
            if (watching == null && !closed) {
                watching =
                        Thread.ofPlatform().name("outbound-deadlines").daemon().start(this::watch);
            }
        } finally {
            starting.unlock();
        }
    }

    private void watch() {
        long tidied = System.nanoTime();
        while (!closed) {
            resting = live.isEmpty();
            LockSupport.parkNanos(this, resting && live.isEmpty() ? LOOK_AT_RESTING : LOOK);
            long now = System.nanoTime();
            for (var exchange : live) {
                exchange.endIfOver(now);
            }
            if (now - tidied >= LOOK_AT_RESTING) {
                tidied = now;
                if (!connections.tidy() && live.isEmpty() && ends()) {
                    return;
                }
            }
        }
    }

    /** An exchange that is added while the thread ends starts a new thread. */
    private boolean ends() {
        starting.lock();
        try {
            watching = null;
            if (live.isEmpty()) {
                return true;
            }
            watching = Thread.currentThread();
            return false;
        } finally {
            starting.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        for (var exchange : live) {
            exchange.cancel();
        }
        var thread = watching;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
