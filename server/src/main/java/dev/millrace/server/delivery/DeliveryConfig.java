package dev.millrace.server.delivery;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * How webhooks are sent.
 *
 * @param first the waits after the first failed attempts
 * @param later the waits after those that follow, unless an environment does without them
 * @param timeout how long a receiver may take to answer
 * @param concurrency how many requests a server sends to one address at once
 * @param breaker when an address is left alone
 */
public record DeliveryConfig(
        List<Duration> first, List<Duration> later, Duration timeout, int concurrency, Breaker breaker) {
    public static final DeliveryConfig DEFAULT = new DeliveryConfig(
            List.of(Duration.ofSeconds(3), Duration.ofSeconds(6)),
            List.of(
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(30),
                    Duration.ofHours(2),
                    Duration.ofHours(5),
                    Duration.ofHours(10),
                    Duration.ofHours(10)),
            Duration.ofSeconds(20),
            16,
            new Breaker(5, Duration.ofSeconds(10), Duration.ofSeconds(60)));

    public DeliveryConfig {
        first = List.copyOf(first);
        later = List.copyOf(later);
    }

    /**
     * So many failures without a success within a window, and nothing is sent for the time of a pause.
     *
     * @param failures of attempts
     */
    public record Breaker(int failures, Duration window, Duration pause) {}

    /** The waits after each failed attempt. */
    List<Duration> waits(boolean forADay) {
        return forADay ? Stream.concat(first.stream(), later.stream()).toList() : first;
    }
}
