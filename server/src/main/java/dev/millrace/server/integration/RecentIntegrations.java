package dev.millrace.server.integration;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps the integrations of recent webhooks for less than a second. Thread-safe. */
final class RecentIntegrations {
    // After this time every process of a cluster uses a changed integration.
    private static final Duration KEPT = Duration.ofMillis(900);
    private static final int MOST = 1_000;

    private final Clock clock;
    private final Map<Url, Recent> recent = new ConcurrentHashMap<>();

    private record Url(UUID environment, String key) {}

    private record Recent(Integration integration, Instant until) {}

    RecentIntegrations(Clock clock) {
        this.clock = clock;
    }

    Optional<Integration> get(UUID environment, String key) {
        return Optional.ofNullable(recent.get(new Url(environment, key)))
                .filter(found -> clock.instant().isBefore(found.until()))
                .map(Recent::integration);
    }

    void put(UUID environment, Integration integration) {
        var now = clock.instant();
        if (recent.size() >= MOST) {
            recent.values().removeIf(old -> !now.isBefore(old.until()));
        }
        if (recent.size() < MOST) {
            recent.put(new Url(environment, integration.uniqueKey()), new Recent(integration, now.plus(KEPT)));
        }
    }

    void remove(long integration) {
        recent.values().removeIf(found -> found.integration().id() == integration);
    }
}
