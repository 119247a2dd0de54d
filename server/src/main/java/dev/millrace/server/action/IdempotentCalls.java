package dev.millrace.server.action;

import dev.millrace.server.action.IdempotencyStore.Claim;
import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.OutageRetry;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Failure;
import dev.millrace.server.run.Failures;
import dev.millrace.server.run.Work;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Executes a call with an idempotency key at most once in a cluster. A later call with the same key gets the first
 * one's result, and waits for it if necessary. When a server is gone, "lost" is the result of its calls. Thread-safe.
 */
public final class IdempotentCalls implements AutoCloseable {
    private static final long SHORTEST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 250;

    private final IdempotencyStore store;
    private final Encryption encryption;
    private final Cluster cluster;
    private final OutageRetry retry = new OutageRetry();

    public IdempotentCalls(Database db, Encryption encryption, Cluster cluster) {
        this.store = new IdempotencyStore(db, encryption, cluster.process());
        this.encryption = encryption;
        this.cluster = cluster;
        cluster.onLoss((handle, server) -> store.giveUp(handle, server.process(), claim -> lost(claim.id())));
    }

    /** The work to execute once. */
    interface Work {
        /**
         * @throws Failure when nothing was executed; the key can then be used again
         * @throws InterruptedException when it was executed in part
         */
        ActionResult run(Claim claim) throws InterruptedException;
    }

    /** @param replayed whether the result is that of an earlier call */
    record Outcome(ActionResult result, boolean replayed) {}

    /**
     * Executes the work, unless a call with this key exists already.
     *
     * @param request everything that distinguishes one call from another
     * @throws Failure 422 when the key was used for another request; also whatever the work throws
     */
    Outcome once(long environment, String key, byte[] request, Work work) throws InterruptedException {
        var claim = new Claim(environment, key, UUID.randomUUID());
        var digest = encryption.fingerprint(request);
        long pause = SHORTEST_PAUSE_MILLIS;
        while (!store.claim(claim, digest)) {
            var found = store.find(claim).orElse(null);
            if (found == null) {
                continue; // released since
            }
            if (!Arrays.equals(found.request(), digest)) {
                throw Failure.plain(422, "idempotency_key_reused", reused(key));
            }
            if (found.result().isPresent()) {
                return new Outcome(found.result().get(), true);
            }
            if (!cluster.isAlive(found.process())) {
                store.giveUp(new Claim(environment, key, found.id()), lost(found.id()));
            }
            Thread.sleep(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
        return new Outcome(execute(claim, work), false);
    }

    private static String reused(String key) {
        return "The Idempotency-Key '" + key
                + "' stands for another call of the last 24 hours: another function, connection"
                + " or input. Use a new key for a new call.";
    }

    private ActionResult execute(Claim claim, Work work) throws InterruptedException {
        try {
            var result = work.run(claim);
            finish(claim, result);
            return result;
        } catch (Failure notExecuted) {
            store.release(claim);
            throw notExecuted;
        } catch (InterruptedException e) {
            finish(claim, ActionResult.of(Failures.cancelled(claim.id(), "The server was stopped")));
            throw e;
        } catch (RuntimeException e) {
            finish(claim, ActionResult.of(Failures.unexpected()));
            throw e;
        }
    }

    /** The work was executed, so callers that wait must get a result even if it cannot be stored now. */
    private void finish(Claim claim, ActionResult result) {
        try {
            store.finish(claim, result);
        } catch (RuntimeException e) {
            Thread.ofVirtual().name("idempotent-call").start(() -> retry.insist(() -> store.finish(claim, result)));
        }
    }

    /** Stores the actual result of work whose caller could not wait for it. */
    void replace(Claim claim, ActionResult result) {
        finish(claim, result);
    }

    /** Stores the result in the transaction that records the outcome. */
    void finish(Handle handle, Claim claim, ActionResult result) {
        store.finish(handle, claim, result);
    }

    private static ActionResult lost(UUID id) {
        return ActionResult.of(Failures.expired(id, Failures.LOST));
    }

    /** Stops retrying when the database is unavailable. */
    @Override
    public void close() {
        retry.end();
    }

    /** Keys go when they are free again, by the database's time. */
    public static RetentionRule retention(Database db) {
        return new RetentionRule(
                "idempotency-retention",
                new Pace(Duration.ofMillis(200), Duration.ofMinutes(10)),
                Duration.ZERO,
                1_000,
                (_, most) -> db.withHandle(handle -> IdempotencyStore.removeOld(handle, most)));
    }
}
