package dev.millrace.server.webhook;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the webhooks of each integration per minute, in this process only. Thread-safe. */
final class RateCount {
    private static final int LIMIT = 4_000;
    private static final long MINUTE = 60;

    private final Clock clock;
    private final Map<Long, Count> counts = new ConcurrentHashMap<>();

    RateCount(Clock clock) {
        this.clock = clock;
    }

    /**
     * The number of webhooks of an integration in one minute, including the current one.
     *
     * @param minute minutes since the epoch
     * @param now seconds since the epoch
     */
    record Count(long minute, int number, long now) {
        boolean isOver() {
            return number > LIMIT;
        }

        private long reset() {
            return (minute + 1) * MINUTE;
        }

        Map<String, List<String>> headers() {
            var headers = new TreeMap<String, List<String>>();
            headers.put("X-RateLimit-Limit", List.of(String.valueOf(LIMIT)));
            headers.put("X-RateLimit-Remaining", List.of(String.valueOf(Math.max(0, LIMIT - number))));
            headers.put("X-RateLimit-Reset", List.of(String.valueOf(reset())));
            return headers;
        }

        /** Seconds until the next minute; at least 1. */
        String retryAfter() {
            return String.valueOf(Math.max(1, reset() - now));
        }
    }

    Count add(long integration) {
        long now = clock.instant().getEpochSecond();
        long minute = now / MINUTE;
        return counts.merge(
                integration,
                new Count(minute, 1, now),
                (before, first) -> before.minute() == minute ? new Count(minute, before.number() + 1, now) : first);
    }
}
