package dev.millrace.server.credential;

import dev.millrace.server.log.Logs;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Keeps tokens fresh. However many callers on however many servers need the token of a connection, one of them renews
 * it: callers within a process share a {@link SharedRenewal}, and processes use a {@link TokenLeases lease}. A renewal
 * continues even if its callers leave. Thread-safe.
 */
public final class TokenRefresh implements AutoCloseable {
    /** A failed refresh is not repeated sooner. */
    static final Duration BACK_OFF = Duration.ofSeconds(30);

    /** A token with less time left may expire before the provider receives it. */
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
     * @param held as just read
     * @param force renew them even if they are fresh or the last attempt failed
     * @return whether they must be read again
     * @throws RefreshFailure when they are not fresh and cannot be renewed
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

    /** A token whose renewal failed because of an outage of the provider is used until it expires. */
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
            // A token that has never been fetched has no expiry either.
            return held.credentials() instanceof OAuth2Token
                    || held.credentials().token().isPresent();
        }
        return clock.instant().plus(contexts.buffer(held)).isBefore(until.get());
    }

    /**
     * An expired token that cannot be renewed is still handed out, because its stated expiry may be wrong; the
     * connection shows an error.
     */
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

    /**
     * Maintains credentials that nobody has read for long: renews or tests them. Failures are stored with the
     * connection.
     */
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
            // The failure is stored with the connection.
        }
    }

    /** Waits for the renewals in progress. */
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
