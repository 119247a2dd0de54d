package dev.millrace.server;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A step of the start that runs on a thread of its own while the start continues with something else. */
final class BackgroundStep<T> {
    private final FutureTask<T> task;

    private BackgroundStep(FutureTask<T> task) {
        this.task = task;
    }

    /** Starts the step. */
    static <T> BackgroundStep<T> begin(String name, Callable<T> work) {
        var task = new FutureTask<>(work);
        Thread.ofVirtual().name(name).start(task);
        return new BackgroundStep<>(task);
    }

    /** Waits for the result. An unchecked exception of the step is rethrown as it is. */
    T result() {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException problem) {
                throw problem;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while starting", e);
        }
    }
}
