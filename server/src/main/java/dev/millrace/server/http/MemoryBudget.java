package dev.millrace.server.http;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Memory for what is made of large bodies. The first comer gets whatever it asks for. Thread-safe. */
final class MemoryBudget {
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition freed = lock.newCondition();
    private final long size;
    private long taken;

    MemoryBudget(long size) {
        this.size = size;
    }

    /** False when there is no room within the time. */
    boolean take(long bytes, Duration patience) throws InterruptedException {
        long left = patience.toNanos();
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

    /** More for one who has some already; does not wait, because others may wait for what it has. */
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
