package dev.millrace.server.action;

import dev.millrace.server.action.IdempotencyStore.Claim;
import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Failure;
import dev.millrace.server.run.Failures;
import dev.millrace.server.run.Work;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes calls with an idempotency key at most once, in whichever process of a cluster they arrive. A later call
 * with the same key gets the result of the first one, and waits for it if it still runs. A process that executes such
 * calls sends heartbeats; after 20 seconds without one, or when it starts again, its calls have the result "lost".
 * Thread-safe.
 */
public final class IdempotentCalls implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(IdempotentCalls.class);
    private static final long BEAT_SECONDS = 5;
    private static final long SHORTEST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 250;

    private final IdempotencyStore store;
    private final Encryption encryption;
    private final AtomicInteger underWay = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread beating;

    /** @param node the name of this process, the same after a restart on the same data folder */
    public IdempotentCalls(Database db, Encryption encryption, String node) {
        this.store = new IdempotencyStore(db, encryption, node);
        this.encryption = encryption;
        store.abandoned().forEach(claim -> store.finish(claim, lost(claim.id())));
        this.beating = Thread.ofVirtual().name("idempotent-calls").start(this::beat);
    }

    /** What is done once. */
    interface Work {
        /**
         * @throws Failure when nothing was executed: the key is then free again
         * @throws InterruptedException when it was executed in part
         */
        ActionResult run(Claim claim) throws InterruptedException;
    }

    /** @param replayed whether somebody else's call was executed, not this one */
    record Outcome(ActionResult result, boolean replayed) {}

    /**
     * Does the work, unless the key stands for a call already.
     *
     * @param request all that makes a call another one
     * @throws Failure 422 when the key stands for another request; whatever the work throws
     */
    Outcome once(long environment, String key, byte[] request, Work work) throws InterruptedException {
        var claim = new Claim(environment, key, UUID.randomUUID());
        var digest = encryption.fingerprint(request);
        long pause = SHORTEST_PAUSE_MILLIS;
        while (!store.claim(claim, digest)) {
            var found = store.find(claim).orElse(null);
            if (found == null) {
                continue; // given back since
            }
            if (!Arrays.equals(found.request(), digest)) {
                throw Failure.plain(422, "idempotency_key_reused", reused(key));
            }
            if (found.result().isPresent()) {
                return new Outcome(found.result().get(), true);
            }
            if (found.silent()) {
                store.giveUp(new Claim(environment, key, found.id()), lost(found.id()));
            }
            Thread.sleep(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
        return new Outcome(execute(claim, work), false);
    }

    private static String reused(String key) {
        return "The Idempotency-Key '" + key
                + "' stands for another call of the last 24 hours: another action, connection"
                + " or input. Use a new key for a new call.";
    }

    private ActionResult execute(Claim claim, Work work) throws InterruptedException {
        underWay.incrementAndGet();
        try {
            var result = work.run(claim);
            store.finish(claim, result);
            return result;
        } catch (Failure notExecuted) {
            store.release(claim);
            throw notExecuted;
        } catch (InterruptedException e) {
            store.finish(claim, ActionResult.of(Failures.cancelled(claim.id(), "The server was stopped")));
            throw e;
        } catch (RuntimeException e) {
            store.finish(claim, ActionResult.of(Failures.unexpected()));
            throw e;
        } finally {
            underWay.decrementAndGet();
        }
    }

    /** Notes the result in the transaction that makes it true. */
    void finish(Handle handle, Claim claim, ActionResult result) {
        store.finish(handle, claim, result);
    }

    private static ActionResult lost(UUID id) {
        return ActionResult.of(Failures.expired(id, Failures.LOST));
    }

    private void beat() {
        try {
            while (!closing.await(BEAT_SECONDS, TimeUnit.SECONDS)) {
                if (underWay.get() > 0) {
                    tryToBeat();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void tryToBeat() {
        try {
            store.beat();
        } catch (RuntimeException e) {
            log.warn("The calls with an idempotency key that run here could not be confirmed: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            beating.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
