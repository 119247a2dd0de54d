package dev.millrace.server.db;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Retries writes while the database is unavailable. Thread-safe. */
public final class OutageRetry {
    private static final Logger LOG = LoggerFactory.getLogger(OutageRetry.class);
    private static final long PAUSE_MILLIS = 500;
    private static final int TOLD_EVERY = 120;

    private final CountDownLatch over = new CountDownLatch(1);

    /**
     * Retries until the database has executed the work or the process stops. Work whose commit was not confirmed is
     * executed again, so it must detect that it has been done.
     */
    public <T> T until(Supplier<T> work) {
        boolean told = false;
        while (true) {
            try {
                return work.get();
            } catch (RuntimeException e) {
                var outage = Outage.behind(e);
                if (outage.isEmpty() || isOver()) {
                    throw e;
                }
                if (!told) {
                    told = true;
                    LOG.warn("{} What is to be written waits.", outage.get().message());
                }
            }
        }
    }

    /**
     * Retries after any failure, until the work is done or the process stops. For writes that must not be lost. The
     * work may be executed twice.
     */
    public void insist(Runnable work) {
        for (int attempt = 1; ; attempt++) {
            try {
                work.run();
                return;
            } catch (RuntimeException e) {
                if (attempt % TOLD_EVERY == 1) {
                    LOG.error("What is to be written cannot be written yet", e);
                }
                if (isOver()) {
                    throw e;
                }
            }
        }
    }

    private boolean isOver() {
        try {
            return over.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Stops all retries. */
    public void end() {
        over.countDown();
    }
}
