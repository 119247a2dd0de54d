package dev.millrace.server.credential;

import dev.millrace.server.db.Outage;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One renewal of a token, shared by all callers that wait for it. It continues when they leave. Thread-safe. */
final class SharedRenewal {
    private static final Logger LOG = LoggerFactory.getLogger(SharedRenewal.class);

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable RuntimeException failure;

    /** The renewal to execute. */
    interface Work {
        /** @throws RefreshFailure when the token could not be renewed */
        void run() throws InterruptedException;
    }

    /** @param ended called before the waiting callers continue */
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

    /** @throws RefreshFailure when it failed, unless the database was unavailable */
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
