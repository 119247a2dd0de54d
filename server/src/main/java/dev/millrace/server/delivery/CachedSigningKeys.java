package dev.millrace.server.delivery;

import dev.millrace.server.environment.SigningKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Caches the active signing keys of each environment for less than a second. Thread-safe. */
final class CachedSigningKeys implements DeliveryClient.ActiveKeys {
    private static final Duration TIME_TO_LIVE = Duration.ofMillis(900);

    private record Entry(List<String> keys, Instant expiresAt) {}

    private final SigningKeys keys;
    private final Clock clock;
    private final Map<Long, Entry> entries = new ConcurrentHashMap<>();

    CachedSigningKeys(SigningKeys keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public List<String> of(long environment) {
        var now = clock.instant();
        var entry = entries.get(environment);
        if (entry == null || !now.isBefore(entry.expiresAt())) {
            entry = new Entry(keys.active(environment), now.plus(TIME_TO_LIVE));
            entries.put(environment, entry);
        }
        return entry.keys();
    }
}
