package dev.millrace.server.outbound;

import java.time.Duration;

/**
 * How long calls may take.
 *
 * @param connect until a connection stands, TLS included
 * @param betweenBytes the longest silence while a body arrives
 * @param whole from the first byte sent to the last one received
 */
public record Limits(Duration connect, Duration betweenBytes, Duration whole) {
    public static final Limits USUAL = new Limits(Duration.ofSeconds(30), Duration.ofMinutes(2), Duration.ofHours(1));
}
