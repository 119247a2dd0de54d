package dev.millrace.server.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** All open connections; ends those whose clients do not get on with the head of a request. Thread-safe. */
final class Connections {
    private final Set<Http1Connection> open = ConcurrentHashMap.newKeySet();
    private final Duration headLimit;
    private final int most;

    /** @param most how many may be open with room for their requests */
    Connections(Duration headLimit, int most) {
        this.headLimit = headLimit;
        this.most = most;
    }

    /** False when there is no room for it. */
    boolean opened(Http1Connection connection) {
        open.add(connection);
        return open.size() <= most;
    }

    void closed(Http1Connection connection) {
        open.remove(connection);
    }

    /** To be called now and then. */
    void endLate() {
        open.forEach(connection -> connection.endIfLate(headLimit.toNanos()));
    }
}
