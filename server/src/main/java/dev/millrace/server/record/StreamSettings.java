package dev.millrace.server.record;

import java.time.Duration;

/**
 * How streams of records behave.
 *
 * @param heartbeat after how long a silence a stream says that it lives
 * @param patience how long a client may take nothing before it is disconnected
 * @param recheck how often a stream looks whether its connection and API key still are
 * @param lookAround how often changes by other processes are looked for
 * @param most open streams of one process
 */
public record StreamSettings(
        Duration heartbeat, Duration patience, Duration recheck, Duration lookAround, int most) {
    public static final StreamSettings DEFAULT = new StreamSettings(
            Duration.ofSeconds(15), Duration.ofSeconds(20), Duration.ofSeconds(10), Duration.ofMillis(100), 5_000);
}
