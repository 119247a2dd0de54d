package dev.millrace.server.record.stream;

import java.time.Duration;

/**
 * The configuration of streams.
 *
 * @param heartbeat time without an event after which a comment is sent
 * @param stallLimit how long a reader may accept no data before it is disconnected
 * @param tick how often the database is polled for commits of other processes
 * @param most maximum number of open streams
 */
public record StreamConfig(Duration heartbeat, Duration stallLimit, Duration tick, int most) {
    public static final StreamConfig DEFAULT =
            new StreamConfig(Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofMillis(50), 5_000);
}
