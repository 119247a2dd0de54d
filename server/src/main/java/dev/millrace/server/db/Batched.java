package dev.millrace.server.db;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A lookup that answers many callers with one statement. Callers that arrive while a statement runs form the next batch.
 * Nothing is cached: a statement starts after the calls that it answers. A single caller does not wait for others.
 * Thread-safe.
 *
 * @param <K> what is looked up
 * @param <V> what is found
 */
public final class Batched<K, V> {
    private static final int MOST = 200;

    private final Lookup<K, V> lookup;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Call<K, V>> waiting = new ArrayDeque<>();
    private boolean busy;

    /** Looks up a batch. */
    @FunctionalInterface
    public interface Lookup<K, V> {
        /** Returns one result for each key, in the order of the keys. A key may occur more than once. */
        List<V> of(List<K> keys);
    }

    public Batched(Lookup<K, V> lookup) {
        this.lookup = lookup;
    }

    private static final class Call<K, V> {
        private final K key;
        private final CountDownLatch turn = new CountDownLatch(1);
        // Written before the turn comes.
        private volatile boolean leads;
        private volatile @Nullable V found;
        private volatile @Nullable Throwable failure;

        private Call(K key) {
            this.key = key;
        }
    }

    /** Looks up one key. A failed statement fails every call of its batch. */
    public V get(K key) throws InterruptedException {
        var call = new Call<K, V>(key);
        lock.lock();
        try {
            waiting.add(call);
            if (!busy) {
                busy = true;
                call.leads = true;
            }
        } finally {
            lock.unlock();
        }
        if (!call.leads) {
            await(call);
        }
        if (call.leads) {
            lead();
        }
        return result(call);
    }

    /** The number of calls that wait for a statement. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void await(Call<K, V> call) throws InterruptedException {
        try {
            call.turn.await();
        } catch (InterruptedException e) {
            lock.lock();
            try {
                waiting.remove(call);
                if (call.leads) {
                    passOn();
                }
            } finally {
                lock.unlock();
            }
            throw e;
        }
    }

    /** Looks up the calls that wait, the own call among them, and lets the first of the calls that follow lead. */
    private void lead() {
        var batch = new ArrayList<Call<K, V>>();
        lock.lock();
        try {
            while (!waiting.isEmpty() && batch.size() < MOST) {
                batch.add(waiting.remove());
            }
        } finally {
            lock.unlock();
        }
        try {
            var found = lookup.of(batch.stream().map(call -> call.key).toList());
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).found = found.get(i);
            }
        } catch (RuntimeException | Error e) {
            batch.forEach(call -> call.failure = e);
        } finally {
            lock.lock();
            try {
                passOn();
            } finally {
                lock.unlock();
            }
            batch.forEach(call -> call.turn.countDown());
        }
    }

    private void passOn() {
        var next = waiting.peek();
        if (next == null) {
            busy = false;
        } else {
            next.leads = true;
            next.turn.countDown();
        }
    }

    private V result(Call<K, V> call) {
        var found = call.found;
        if (found != null) {
            return found;
        }
        throw new LookupFailed(call.failure);
    }

    /** The statement of a batch has failed. */
    public static final class LookupFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LookupFailed(@Nullable Throwable cause) {
            super(cause == null ? "A lookup has failed" : cause.getMessage(), cause);
        }
    }
}
