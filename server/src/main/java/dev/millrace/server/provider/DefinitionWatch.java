package dev.millrace.server.provider;

import java.time.Duration;

/** Looks every few seconds whether the files of definitions have changed. Close it once. */
public final class DefinitionWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final Thread thread;

    private DefinitionWatch(Thread thread) {
        this.thread = thread;
    }

    public static DefinitionWatch over(Providers providers) {
        return new DefinitionWatch(
                Thread.ofVirtual().name("provider-definitions").start(() -> watch(providers)));
    }

    private static void watch(Providers providers) {
        try {
            for (; ; ) {
                Thread.sleep(INTERVAL);
                providers.refresh();
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
