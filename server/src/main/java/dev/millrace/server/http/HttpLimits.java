package dev.millrace.server.http;

import java.time.Duration;

/**
 * Limits for clients of the server.
 *
 * @param head how long the head of a request may take, from its first byte or the opening of the connection
 * @param idle how long a connection may be silent between requests, and how long a response may wait for a client that
 * does not read
 * @param stall how long a client may send nothing of a body, or send it at less than {@code bodyRate}
 * @param bodyRate bytes per second that a body must reach on average
 * @param connections how many may be open; requests on further ones get 503
 * @param requests how many may be in progress; further ones get 503
 * @param bodyMemory bytes of memory for parsing large bodies; 503 if it does not suffice
 * @param memoryWait how long a large body may wait for memory
 */
public record HttpLimits(
        Duration head,
        Duration idle,
        Duration stall,
        long bodyRate,
        int connections,
        int requests,
        long bodyMemory,
        Duration memoryWait) {
    private static final long LARGEST_BODY_MEMORY = 1024L * 1024 * 1024;

    /** Clients and proxies keep idle connections for up to 60 s. They should close them before the server does. */
    public static final HttpLimits USUAL = new HttpLimits(
            Duration.ofSeconds(15),
            Duration.ofSeconds(65),
            Duration.ofSeconds(20),
            1_000,
            8_192,
            4_096,
            Math.min(Runtime.getRuntime().maxMemory() / 3, LARGEST_BODY_MEMORY),
            Duration.ofSeconds(5));

    public HttpLimits withBodyMemory(long bytes) {
        return new HttpLimits(head, idle, stall, bodyRate, connections, requests, bytes, memoryWait);
    }
}
