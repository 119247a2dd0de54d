package dev.millrace.server.webhook.scheme;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Verifies tokens that Google signs for push messages. Caches Google's keys. Thread-safe. */
final class GoogleTokens {
    private static final List<String> ISSUERS = List.of("accounts.google.com", "https://accounts.google.com");
    private static final Duration FRESH = Duration.ofHours(1);
    /**
     * Minimum time between two fetches for unknown keys, so that tokens with invented key ids do not cause a fetch
     * each.
     */
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final Source source;
    private final Clock clock;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile Kept kept = new Kept(Map.of(), Instant.MIN);

    /** The source of the keys. */
    interface Source {
        /** Returns the key set as JSON text; empty if it cannot be fetched. */
        Optional<String> fetch() throws InterruptedException;
    }

    private record Kept(Map<String, RSAPublicKey> keys, Instant asked) {}

    GoogleTokens(Source source, Clock clock) {
        this.source = source;
        this.clock = clock;
    }

    /**
     * Verifies a token. Returns the refusal; empty if the token is valid.
     *
     * @param account the service account that must have requested the token, if it is known
     */
    Optional<WebhookRefusal> refusal(String token, Optional<String> audience, Optional<String> account)
            throws InterruptedException {
        var id = TokenSignature.keyId(token);
        if (id.isEmpty()) {
            return Optional.of(WebhookRefusal.INVALID_SIGNATURE);
        }
        var key = key(id.get());
        if (key.isEmpty()) {
            return Optional.of(
                    kept.keys().isEmpty() ? WebhookRefusal.KEYS_UNAVAILABLE : WebhookRefusal.INVALID_SIGNATURE);
        }
        boolean genuine = TokenSignature.claims(token, key.get(), clock.instant())
                .filter(claims -> isFor(claims, audience, account))
                .isPresent();
        return genuine ? Optional.empty() : Optional.of(WebhookRefusal.INVALID_SIGNATURE);
    }

    private static boolean isFor(JWTClaimsSet claims, Optional<String> audience, Optional<String> account) {
        return claims.getExpirationTime() != null
                && ISSUERS.contains(claims.getIssuer())
                && audience.filter(claims.getAudience()::contains).isPresent()
                && (account.isEmpty()
                        || (account.get().equals(claims.getClaim("email"))
                                && Boolean.TRUE.equals(claims.getClaim("email_verified"))));
    }

    private Optional<RSAPublicKey> key(String id) throws InterruptedException {
        var now = clock.instant();
        if (kept.keys().containsKey(id) && kept.asked().plus(FRESH).isAfter(now)) {
            return Optional.ofNullable(kept.keys().get(id));
        }
        fetching.lockInterruptibly();
        try {
            boolean due = kept.keys().containsKey(id)
                    ? !kept.asked().plus(FRESH).isAfter(now)
                    : kept.asked().equals(Instant.MIN)
                            || !kept.asked().plus(PAUSE).isAfter(now);
            if (due) {
                var fetched = source.fetch().map(GoogleTokens::keys).orElse(Map.of());
                kept = new Kept(fetched.isEmpty() ? kept.keys() : fetched, now);
            }
            return Optional.ofNullable(kept.keys().get(id));
        } finally {
            fetching.unlock();
        }
    }

    private static Map<String, RSAPublicKey> keys(String text) {
        var keys = new HashMap<String, RSAPublicKey>();
        try {
            for (var key : JWKSet.parse(text).getKeys()) {
                if (key instanceof RSAKey rsa && rsa.getKeyID() != null) {
                    keys.put(rsa.getKeyID(), rsa.toRSAPublicKey());
                }
            }
        } catch (ParseException | JOSEException _) {
            return Map.of();
        }
        return Map.copyOf(keys);
    }
}
