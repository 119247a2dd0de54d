package dev.millrace.server.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** All open connections. Ends those whose clients send the head of a request too slowly. Thread-safe. */
final class Connections {
    private final Set<Http1Connection> open = ConcurrentHashMap.newKeySet();
    private final Duration headLimit;
    private final int most;

    /** @param most how many may be open whose requests are served */
    Connections(Duration headLimit, int most) {
        this.headLimit = headLimit;
        this.most = most;
    }

    /** False when the limit is reached. */
    boolean opened(Http1Connection connection) {
        open.add(connection);
        return open.size() <= most;
    }

    void closed(Http1Connection connection) {
        open.remove(connection);
    }

    /** To be called periodically. */
    void endLate() {
        open.forEach(connection -> connection.endIfLate(headLimit.toNanos()));
    }
}
