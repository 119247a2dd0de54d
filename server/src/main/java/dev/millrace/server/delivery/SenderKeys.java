package dev.millrace.server.delivery;

import dev.millrace.server.environment.SigningKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The keys that sign at the moment, at most a second old. Thread-safe. */
final class SenderKeys implements Courier.ActiveKeys {
    private static final Duration REMEMBERED = Duration.ofMillis(900);

    private record Recent(List<String> keys, Instant until) {}

    private final SigningKeys keys;
    private final Clock clock;
    private final Map<Long, Recent> recent = new ConcurrentHashMap<>();

    SenderKeys(SigningKeys keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public List<String> of(long environment) {
        var now = clock.instant();
        var known = recent.get(environment);
        if (known == null || !now.isBefore(known.until())) {
            known = new Recent(keys.active(environment), now.plus(REMEMBERED));
            recent.put(environment, known);
        }
        return known.keys();
    }
}
