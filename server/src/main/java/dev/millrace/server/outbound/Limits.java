package dev.millrace.server.outbound;

import java.time.Duration;

/**
 * The time limits of calls.
 *
 * @param connect until a connection is open, including TLS
 * @param firstByte from an open connection to the head of the response; a call may set less
 * @param betweenBytes the longest silence while a body arrives
 * @param whole from connecting to the last byte received
 */
public record Limits(Duration connect, Duration firstByte, Duration betweenBytes, Duration whole) {
    public static final Limits USUAL =
            new Limits(Duration.ofSeconds(30), Duration.ofMinutes(15), Duration.ofMinutes(2), Duration.ofHours(1));
}
