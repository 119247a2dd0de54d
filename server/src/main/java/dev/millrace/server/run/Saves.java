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
 * A run's saves, of which the last one of each model may still be written while the function goes on (docs/adr/020). What
 * could show its effect to anyone {@link #settle}s first. Thread-safe.
 */
final class Saves {
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

    /** The saves of one model, which follow one another. */
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
                // Kept: whoever asks next hears of it again.
                throw e.getCause() instanceof RuntimeException failure
                        ? failure
                        : new IllegalStateException(e.getCause());
            }
        }
    }

    /**
     * Prepares a save on this thread and writes it on another one, when the save before it has been written.
     *
     * @param prepare refuses what cannot be saved
     * @param done is told when it is written
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

    /** Waits until nothing is written any more, also when the thread is interrupted; failures are for {@link #settle}. */
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

    /** Waits until all saves so far are durable; throws what made one of them fail, and again whenever asked. */
    void settle() throws InterruptedException {
        for (var lane : lanes.values()) {
            lane.settle();
        }
    }
}
