package dev.millrace.server.credential;

import dev.millrace.server.db.Outage;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One renewal of a token, for all who wait for it. It goes on when they leave. Thread-safe. */
final class SharedRenewal {
    private static final Logger LOG = LoggerFactory.getLogger(SharedRenewal.class);

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable RuntimeException failure;

    /** What is done. */
    interface Work {
        /** @throws RefreshFailure when the token could not be renewed */
        void run() throws InterruptedException;
    }

    /** @param ended is told before those who wait */
    SharedRenewal(String name, Work work, Consumer<SharedRenewal> ended) {
        thread = Thread.ofVirtual().name(name).unstarted(() -> execute(work, ended));
        thread.start();
    }

    private void execute(Work work, Consumer<SharedRenewal> ended) {
        try {
            work.run();
        } catch (RefreshFailure e) {
            failure = e;
        } catch (InterruptedException _) {
            failure = RefreshFailure.late();
        } catch (RuntimeException e) {
            failure = Outage.behind(e).isPresent() ? e : internal(e);
        } finally {
            ended.accept(this);
            over.countDown();
        }
    }

    private static RefreshFailure internal(RuntimeException e) {
        var id = UUID.randomUUID().toString();
        LOG.error("a token could not be renewed; id {}", id, e);
        return RefreshFailure.internal(id);
    }

    /** @throws RefreshFailure when it failed, unless the database was away */
    void await() throws InterruptedException {
        over.await();
        var why = failure;
        if (why != null) {
            throw why;
        }
    }

    boolean join(long time, TimeUnit unit) throws InterruptedException {
        return over.await(time, unit);
    }

    void interrupt() {
        thread.interrupt();
    }
}
