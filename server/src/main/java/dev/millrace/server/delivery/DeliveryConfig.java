package dev.millrace.server.delivery;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Configuration of the delivery of webhooks.
 *
 * @param firstDelays the delays before the first retries
 * @param laterDelays the delays before the following retries; unused in environments that turn {@code retry_for_a_day}
 *     off
 * @param timeout the longest time to wait for the response headers
 * @param concurrency the largest number of concurrent requests from one server to one destination
 * @param breaker the circuit breaker of each destination
 */
public record DeliveryConfig(
        List<Duration> firstDelays, List<Duration> laterDelays, Duration timeout, int concurrency, Breaker breaker) {
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
        firstDelays = List.copyOf(firstDelays);
        laterDelays = List.copyOf(laterDelays);
    }

    /**
     * Configuration of the circuit breaker. It opens after a number of failed attempts within a time window without a
     * success. No request is sent while it is open.
     *
     * @param failures the number of failed attempts that opens the circuit breaker
     * @param window the time window in which failures are counted
     * @param openTime how long the circuit breaker stays open before one trial request
     */
    public record Breaker(int failures, Duration window, Duration openTime) {}

    /** The delay after each failed attempt; there are no further attempts after the last one. */
    List<Duration> retryDelays(boolean forADay) {
        return forADay
                ? Stream.concat(firstDelays.stream(), laterDelays.stream()).toList()
                : firstDelays;
    }
}
