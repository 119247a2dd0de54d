package dev.millrace.server.record.stream;

import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.DatasetClock;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The state of one dataset, as known to its open streams. A notification only means that there may be changes.
 * Thread-safe.
 */
final class Channel {
    private final Dataset dataset;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable DatasetClock polled;
    private long head;
    private long lives;
    private int streams;

    /**
     * A known state.
     *
     * @param head all changes up to this time, inclusive, are committed
     * @param lives grows when the contents were emptied, removed or recreated
     */
    record State(long head, long lives) {}

    Channel(Dataset dataset) {
        this.dataset = dataset;
    }

    Dataset dataset() {
        return dataset;
    }

    /** Called under the lock of the map that holds the channels. */
    int join(int more) {
        streams += more;
        return streams;
    }

    State state() {
        lock.lock();
        try {
            return new State(head, lives);
        } finally {
            lock.unlock();
        }
    }

    /** A transaction of this process has committed. */
    void committed(long now) {
        lock.lock();
        try {
            if (now > head) {
                head = now;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The database was read. */
    void polled(DatasetClock found) {
        lock.lock();
        try {
            boolean sameLife = polled == null || polled.sameLife(found);
            if (!sameLife || found.lastModified() > head) {
                head = Math.max(head, found.lastModified());
                lives += sameLife ? 0 : 1;
                changed.signalAll();
            }
            polled = found;
        } finally {
            lock.unlock();
        }
    }

    /** Wakes all waiting streams so that they check whether to end. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something new is known, a stream is to end, or the time is over. */
    State await(State before, OpenStream stream, long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (left > 0 && head == before.head && lives == before.lives && !stream.ending()) {
                left = changed.awaitNanos(left);
            }
            return new State(head, lives);
        } finally {
            lock.unlock();
        }
    }
}
