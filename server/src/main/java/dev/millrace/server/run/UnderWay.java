package dev.millrace.server.run;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runs of this process. Looks twice a second whether another process wishes the end of one, or has it. Thread-safe. */
final class UnderWay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UnderWay.class);
    private static final Duration LOOK = Duration.ofMillis(500);

    private final RunStore store;
    private final Set<CancelScope> scopes = ConcurrentHashMap.newKeySet();
    private final Semaphore closing = new Semaphore(0);

    UnderWay(RunStore store) {
        this.store = store;
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
            while (!closing.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
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
            LOG.warn("cannot see which runs are cancelled or lost: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closing.release();
    }
}
