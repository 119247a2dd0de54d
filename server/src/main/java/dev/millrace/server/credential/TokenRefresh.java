package dev.millrace.server.credential;

import dev.millrace.server.log.Logs;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Keeps tokens fresh. However many callers on however many servers want the token of a connection at once, one of
 * them renews it: within a process they share a {@link SharedRenewal}, between processes a {@link TokenLeases lease}. A renewal is
 * independent of those who wait for it. Thread-safe.
 */
public final class TokenRefresh implements AutoCloseable {
    /** A failed refresh is not repeated sooner. */
    static final Duration BACK_OFF = Duration.ofSeconds(30);

    /** A token that is good for less may have expired when it arrives. */
    private static final Duration LEAST_LIFE = Duration.ofSeconds(5);

    private static final Duration SHUTDOWN = Duration.ofSeconds(10);

    private final Renewal renewal;
    private final TokenCalls calls;
    private final CredentialStore store;
    private final TokenContexts contexts;
    private final Clock clock;
    private final ConcurrentHashMap<Long, SharedRenewal> renewals = new ConcurrentHashMap<>();

    public TokenRefresh(
            TokenCalls calls,
            CredentialStore store,
            TokenLeases leases,
            TokenContexts contexts,
            Logs logs,
            Clock clock) {
        this.renewal = new Renewal(calls, store, leases, contexts, logs, clock, this::isDue);
        this.calls = calls;
        this.store = store;
        this.contexts = contexts;
        this.clock = clock;
    }

    /**
     * Makes sure that the stored credentials are fresh.
     *
     * @param held as read just now
     * @param force renew them although they are fresh, although the last attempt failed
     * @return whether they must be read again
     * @throws RefreshFailure when they are not fresh and cannot be made so
     */
    public boolean ensure(StoredCredentials held, boolean force) throws InterruptedException {
        if (!force) {
            var failure = held.failure();
            if (failure.isPresent() && failure.get().exhausted()) {
                throw RefreshFailure.exhausted(failure.get());
            }
            if (!isDue(held)) {
                return noteExpiry(held);
            }
            if (failure.isPresent() && !failure.get().before(clock.instant(), BACK_OFF)) {
                return orElseValid(held, RefreshFailure.backingOff(failure.get()));
            }
        } else if (!isRenewable(held)) {
            return noteExpiry(held);
        }
        try {
            shared(held, force).await();
            return true;
        } catch (RefreshFailure e) {
            if (force) {
                throw e;
            }
            return orElseValid(held, e);
        }
    }

    /** A token whose renewal failed for want of the provider is handed out for as long as it is good. */
    private boolean orElseValid(StoredCredentials held, RefreshFailure failure) {
        if (failure.outage() && isValid(held, LEAST_LIFE)) {
            return false;
        }
        throw failure;
    }

    private boolean isValid(StoredCredentials held, Duration atLeast) {
        var until = held.credentials().expiresAt();
        return held.credentials().token().isPresent()
                && (until.isEmpty() || until.get().isAfter(clock.instant().plus(atLeast)));
    }

    private boolean isDue(StoredCredentials held) {
        return isRenewable(held) && !isFresh(held);
    }

    private boolean isRenewable(StoredCredentials held) {
        return held.credentials().renewable() || contexts.renewsByToken(held);
    }

    private boolean isFresh(StoredCredentials held) {
        var until = held.credentials().expiresAt();
        if (until.isEmpty()) {
            // One that was never fetched has no expiry either.
            return held.credentials() instanceof OAuth2Token
                    || held.credentials().token().isPresent();
        }
        return clock.instant().plus(contexts.buffer(held)).isBefore(until.get());
    }

    /** An expired token that nothing can renew is handed out, since its clock may be wrong, but not without a word. */
    private boolean noteExpiry(StoredCredentials held) {
        boolean expired = held.credentials()
                .expiresAt()
                .filter(until -> !isRenewable(held) && until.isBefore(clock.instant()))
                .isPresent();
        return expired && held.failure().isEmpty() && renewal.noteExpiry(held);
    }

    /** A token by which an installed app itself is known, good for ten minutes; empty for other credentials. */
    public Optional<String> appJwt(StoredCredentials held) {
        return held.credentials() instanceof AppToken token
                ? Optional.of(calls.appJwt(contexts.of(held), token))
                : Optional.empty();
    }

    private SharedRenewal shared(StoredCredentials held, boolean force) {
        return renewals.computeIfAbsent(held.connection(), id -> {
            var started = clock.instant();
            return new SharedRenewal(
                    "token-" + id, () -> renewal.run(held, force, started), shared -> renewals.remove(id, shared));
        });
    }

    /** Maintains credentials that nobody has read for long: renews or tries them; what fails is noted with the connection. */
    void maintain(StoredCredentials held, CredentialTest test) throws InterruptedException {
        try {
            if (isRenewable(held)) {
                ensure(held, false);
            } else {
                renewal.tryOut(held, test);
                noteExpiry(held);
            }
            store.fetched(held.connection());
        } catch (RefreshFailure _) {
            // The connection tells.
        }
    }

    /** Lets renewals that are under way come to their end. */
    @Override
    public void close() {
        var until = System.nanoTime() + SHUTDOWN.toNanos();
        try {
            for (var shared : renewals.values()) {
                shared.join(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        renewals.values().forEach(SharedRenewal::interrupt);
        renewal.end();
    }
}
