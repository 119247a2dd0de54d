package dev.millrace.server.record.stream;

import java.time.Duration;

/**
 * How streams of changes behave.
 *
 * @param heartbeat after how long without an event a comment is sent
 * @param patience for how long a reader may take no bytes before it is disconnected
 * @param tick how often the database is asked what other processes have committed
 * @param most how many streams may be open at a time
 */
public record StreamConfig(Duration heartbeat, Duration patience, Duration tick, int most) {
    public static final StreamConfig DEFAULT =
            new StreamConfig(Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofMillis(50), 5_000);
}
