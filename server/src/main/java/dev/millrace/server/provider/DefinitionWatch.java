package dev.millrace.server.provider;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Checks the files of definitions, then checks every few seconds whether they have changed, until it is closed. */
public final class DefinitionWatch implements AutoCloseable {
    private static final int INTERVAL_SECONDS = 2;

    private final Providers providers;
    private final CountDownLatch closing = new CountDownLatch(1);

    private DefinitionWatch(Providers providers) {
        this.providers = providers;
    }

    public static DefinitionWatch over(Providers providers) {
        var watch = new DefinitionWatch(providers);
        Thread.ofVirtual().name("provider-definitions").start(watch::run);
        return watch;
    }

    private void run() {
        try {
            providers.report();
            while (!closing.await(INTERVAL_SECONDS, TimeUnit.SECONDS)) {
                providers.refresh();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
