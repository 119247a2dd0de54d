package dev.millrace.server.run;

import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.record.Saved;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A run's saves. The last one of each model may still be written while the function continues (docs/adr/020). Calls
 * that could reveal its effect call {@link #settle} first. Thread-safe.
 */
final class Saves {
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

    /** The saves of one model, one after another. */
    private static final class Lane {
        private final ReentrantLock lock = new ReentrantLock();
        private volatile @Nullable FutureTask<?> writing;

        void settle() throws InterruptedException {
            var task = writing;
            if (task == null) {
                return;
            }
            try {
                task.get();
            } catch (ExecutionException e) {
                // Kept, so that every later call throws it again.
                throw e.getCause() instanceof RuntimeException failure
                        ? failure
                        : new IllegalStateException(e.getCause());
            }
        }
    }

    /**
     * Prepares a save on this thread. Another thread writes it when the previous save has been written.
     *
     * @param prepare refuses invalid records
     * @param done called when it is written
     */
    void save(String model, Supplier<Supplier<Saved>> prepare, Consumer<Saved> done) throws InterruptedException {
        var lane = lanes.computeIfAbsent(model, _ -> new Lane());
        lane.lock.lockInterruptibly();
        try {
            lane.settle();
            var write = prepare.get();
            var task = new FutureTask<@Nullable Void>(() -> done.accept(write.get()), null);
            lane.writing = task;
            Thread.ofVirtual().name("save-" + model).start(RunLease.carry(task));
        } finally {
            lane.lock.unlock();
        }
    }

    /** Waits until no write is running, even if the thread is interrupted; failures are left to {@link #settle}. */
    void finish() {
        boolean interrupted = false;
        for (var lane : lanes.values()) {
            boolean ended = false;
            while (!ended) {
                try {
                    lane.settle();
                    ended = true;
                } catch (InterruptedException _) {
                    interrupted = true;
                } catch (RuntimeException _) {
                    ended = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until all saves so far are durable; throws the failure of a save, also at later calls. */
    void settle() throws InterruptedException {
        for (var lane : lanes.values()) {
            lane.settle();
        }
    }
}
