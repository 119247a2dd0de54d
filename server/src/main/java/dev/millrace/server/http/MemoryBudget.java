package dev.millrace.server.http;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The memory for parsing large bodies. A request that finds the budget unused gets any amount. Thread-safe. */
final class MemoryBudget {
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition freed = lock.newCondition();
    private final long size;
    private long taken;

    MemoryBudget(long size) {
        this.size = size;
    }

    /** False when there is not enough memory in time. */
    boolean take(long bytes, Duration longest) throws InterruptedException {
        long left = longest.toNanos();
        lock.lockInterruptibly();
        try {
            while (taken > 0 && taken + bytes > size) {
                if (left <= 0) {
                    return false;
                }
                left = freed.awaitNanos(left);
            }
            taken += bytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** More memory for a body that has some already. Does not wait, because others may be waiting for that memory. */
    boolean takeMore(long bytes, long had) {
        lock.lock();
        try {
            if (taken > had && taken + bytes > size) {
                return false;
            }
            taken += bytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void giveBack(long bytes) {
        lock.lock();
        try {
            taken -= bytes;
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
