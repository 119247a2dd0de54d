package dev.millrace.server.db;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has what must be written wait for a database that is away. Thread-safe. */
public final class Patience {
    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
    private static final long PAUSE_MILLIS = 500;
    private static final int TOLD_EVERY = 120;

    private final CountDownLatch over = new CountDownLatch(1);

    /**
     * Tries again until the database does its work or the process stops. Work whose commit was not confirmed is done
     * twice: it has to tell by itself that it was done.
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
     * Tries again, whatever it fails with, until it is done or the process stops: for what has to be written under all
     * circumstances. It may be done twice.
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

    /** Nothing waits any more. */
    public void end() {
        over.countDown();
    }
}
