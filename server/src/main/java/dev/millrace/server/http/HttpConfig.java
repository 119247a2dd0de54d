package dev.millrace.server.http;

import java.time.Duration;

/**
 * Where the server listens.
 *
 * @param port 0 picks a free one
 * @param bodyLimit largest request body in bytes
 * @param grace how long requests and runs may go on once the server stops
 */
public record HttpConfig(String host, int port, long bodyLimit, Duration grace) {
    /** The reference's limit. */
    public static final long DEFAULT_BODY_LIMIT = 75L * 1024 * 1024;
}
