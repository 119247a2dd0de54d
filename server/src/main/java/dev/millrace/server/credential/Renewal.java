package dev.millrace.server.credential;

import dev.millrace.server.db.OutageRetry;
import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import dev.millrace.server.log.Operation;
import dev.millrace.server.log.Secrets;
import dev.millrace.server.log.Status;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Renews one token under its lease. The order of the steps protects a refresh token that the provider has replaced. The
 * row of the lease records the attempt before the call. The response is stored at once, by a statement of its own. The
 * stored credentials do not change until then. No database connection is held during the call. Thread-safe.
 */
final class Renewal {
    private static final Duration MOST = Duration.ofSeconds(75);
    private static final Duration POLL = Duration.ofMillis(100);

    private final TokenCalls calls;
    private final CredentialStore store;
    private final TokenLeases leases;
    private final TokenContexts contexts;
    private final Logs logs;
    private final Clock clock;
    private final Predicate<StoredCredentials> due;
    private final OutageRetry retry = new OutageRetry();

    Renewal(
            TokenCalls calls,
            CredentialStore store,
            TokenLeases leases,
            TokenContexts contexts,
            Logs logs,
            Clock clock,
            Predicate<StoredCredentials> due) {
        this.calls = calls;
        this.store = store;
        this.leases = leases;
        this.contexts = contexts;
        this.logs = logs;
        this.clock = clock;
        this.due = due;
    }

    /**
     * Returns once the stored credentials are newer than {@code asked}, or fresh.
     *
     * @param asked the credentials at the time of the request
     * @param since time of the request
     */
    void run(StoredCredentials asked, boolean force, Instant since) throws InterruptedException {
        var until = System.nanoTime() + MOST.toNanos();
        while (true) {
            var lease = leases.take(asked.connection());
            if (lease.isPresent()) {
                try (var taken = lease.get()) {
                    renew(asked, force, since, taken.unfinished());
                }
                return;
            }
            Thread.sleep(POLL);
            var current = store.read(asked.connection());
            if (current.isEmpty() || isSettled(asked, current.get(), force, since)) {
                return;
            }
            if (System.nanoTime() > until) {
                throw RefreshFailure.late();
            }
        }
    }

    /** Whether another process has done the requested renewal. Its failure counts for everyone who asked before it. */
    private boolean isSettled(StoredCredentials asked, StoredCredentials current, boolean force, Instant since) {
        if (current.version() != asked.version()) {
            return force || !due.test(current);
        }
        var failure = current.failure().filter(f -> !asked.failure().equals(Optional.of(f)));
        if (failure.isPresent() && !failure.get().at().isBefore(since)) {
            throw RefreshFailure.of(failure.get());
        }
        return false;
    }

    private void renew(StoredCredentials asked, boolean force, Instant since, boolean unfinished)
            throws InterruptedException {
        var current = store.read(asked.connection());
        if (current.isEmpty() || isSettled(asked, current.get(), force, since)) {
            return;
        }
        var held = current.get();
        if (attempt(held, unfinished) && held.failure().isPresent()) {
            store.recovered(held);
        }
    }

    /** False when the credentials were replaced meanwhile. */
    private boolean attempt(StoredCredentials held, boolean unfinished) throws InterruptedException {
        try (var log = logs.open(operation(held))) {
            log.conceal(() -> Secrets.in(held.credentials().json()));
            try {
                var context = contexts.of(held);
                log.conceal(() ->
                        context.integration().credentials().map(Secrets::in).orElseGet(Set::of));
                var fresh = calls.renew(context, held.credentials());
                boolean stored = retry.until(() -> store.save(held, fresh));
                log.end(
                        Status.SUCCESS,
                        stored ? "The token was refreshed." : "The connection was reconnected meanwhile.",
                        null);
                return stored;
            } catch (TokenFailure e) {
                fail(held, e.saying(message(log, e, unfinished)), log);
                return false;
            }
        }
    }

    private static String message(Logs.Log log, TokenFailure failure, boolean unfinished) {
        var said = log.blank(String.valueOf(failure.getMessage()));
        return unfinished && failure.kind() == TokenFailure.Kind.REFUSED
                ? said + " An earlier refresh was interrupted before its response was stored; it may have used the"
                        + " refresh token up."
                : said;
    }

    /** A refusal counts only if the credentials are still those that were refused. */
    private void fail(StoredCredentials held, TokenFailure why, Logs.Log log) {
        var failure = AuthFailure.after(held.failure(), why, log.operation(), clock.instant());
        var error = Json.object().put("type", why.code()).put("message", why.getMessage());
        log.end(Status.FAILED, why.getMessage(), Json.text(error));
        if (!store.fail(held, failure)) {
            var now = store.read(held.connection());
            if (now.isEmpty() || !due.test(now.get())) {
                return;
            }
        }
        throw RefreshFailure.of(failure);
    }

    /** Tests credentials that cannot be renewed; a success removes earlier failures. */
    void tryOut(StoredCredentials held, CredentialTest test) throws InterruptedException {
        try {
            test.test(held);
        } catch (TokenFailure e) {
            try (var log = logs.open(operation(held))) {
                log.conceal(() -> Secrets.in(held.credentials().json()));
                fail(held, e.saying(log.blank(String.valueOf(e.getMessage()))), log);
            }
            return;
        }
        boolean failed = held.failure()
                .filter(failure -> !failure.code().equals(AuthFailure.EXPIRED))
                .isPresent();
        if (failed && store.save(held, held.credentials())) {
            store.recovered(held);
        }
    }

    /** Records that an expired token that cannot be renewed is in use; true when the connection was changed. */
    boolean noteExpiry(StoredCredentials held) {
        try (var log = logs.open(operation(held))) {
            var failure = AuthFailure.expired(log.operation(), clock.instant());
            log.end(Status.FAILED, failure.message(), Json.text(failure.json()));
            return store.fail(held, failure);
        }
    }

    private Operation operation(StoredCredentials held) {
        return new Operation(
                UUID.randomUUID(),
                held.environment(),
                "auth",
                held.integration(),
                held.connectionId(),
                Optional.empty(),
                Optional.empty(),
                clock.instant());
    }

    /** Stops retrying when the database is unavailable. */
    void end() {
        retry.end();
    }
}
