package dev.millrace.server.delivery;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Determines when a thread polls: at regular intervals, and earlier on request. Thread-safe. */
final class PollTimer {
    private final Duration interval;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** The time of the next poll, by {@link System#nanoTime()}. The first poll is due at once. */
    private long next = System.nanoTime();

    private boolean closed;

    PollTimer(Duration interval) {
        this.interval = interval;
    }

    /** Moves the next poll to this delay from now, unless it is due earlier. */
    void wake(Duration delay) {
        long at = System.nanoTime() + delay.toNanos();
        lock.lock();
        try {
            if (at - next < 0) {
                next = at;
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a poll is due. Returns false when the timer is closed. */
    boolean await() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                long remaining = next - System.nanoTime();
                if (remaining <= 0) {
                    next = System.nanoTime() + interval.toNanos();
                    return true;
                }
                changed.awaitNanos(remaining);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
