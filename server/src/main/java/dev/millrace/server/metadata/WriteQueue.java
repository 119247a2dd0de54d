package dev.millrace.server.metadata;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Makes writers of one connection in this process wait for each other instead of competing in the database. This only
 * saves work; correctness comes from versions. Thread-safe.
 */
final class WriteQueue {
    private static final int LOCKS = 256;

    private final ReentrantLock[] locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toArray(ReentrantLock[]::new);

    <T> T take(Address address, Supplier<T> work) {
        var lock = locks[Math.floorMod(address.hashCode(), LOCKS)];
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
