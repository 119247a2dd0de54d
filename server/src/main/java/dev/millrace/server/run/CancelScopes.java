package dev.millrace.server.run;

import dev.millrace.server.cluster.Cluster;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs of this process. Checks whether one of them has to be cancelled or was taken over: when another process says
 * so, and periodically. Thread-safe.
 */
final class CancelScopes implements AutoCloseable {
    /** The topic of messages that a run was cancelled or taken over. */
    static final String TOPIC = "run";

    private static final Logger LOG = LoggerFactory.getLogger(CancelScopes.class);
    /** For messages that were lost. */
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final RunStore store;
    private final Set<CancelScope> scopes = ConcurrentHashMap.newKeySet();
    private final Semaphore wakeUps = new Semaphore(0);
    private volatile boolean closing;

    CancelScopes(RunStore store, Cluster cluster) {
        this.store = store;
        cluster.subscribe(TOPIC, _ -> wakeUps.release());
        Thread.ofVirtual().name("run-watch").start(this::watch);
    }

    /** A run on this thread until the scope is closed, of a sync or of none. */
    CancelScope open(Optional<UUID> sync) {
        var scope = new CancelScope(sync, scopes::remove);
        scopes.add(scope);
        return scope;
    }

    void cancel(UUID sync) {
        scopes.stream().filter(scope -> scope.isOf(sync)).forEach(CancelScope::cancel);
    }

    void cancelAll() {
        scopes.forEach(CancelScope::cancel);
    }

    private void watch() {
        try {
            while (!closing) {
                if (wakeUps.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                    wakeUps.drainPermits();
                }
                look();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        var begun = scopes.stream().flatMap(scope -> scope.lease().stream()).toList();
        if (begun.isEmpty()) {
            return;
        }
        try {
            var wanted = Set.copyOf(store.wanted(begun));
            scopes.stream()
                    .filter(scope -> scope.lease()
                            .filter(lease -> begun.contains(lease) && !wanted.contains(lease))
                            .isPresent())
                    .forEach(CancelScope::cancel);
        } catch (RuntimeException e) {
            LOG.warn("The check for cancelled and lost runs failed: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closing = true;
        wakeUps.release();
    }
}
