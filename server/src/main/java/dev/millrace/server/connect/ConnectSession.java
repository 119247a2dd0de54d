package dev.millrace.server.connect;

import java.time.Instant;
import java.util.OptionalLong;

/**
 * What the customer who holds the session's token may connect.
 *
 * @param connection the one to reconnect
 */
record ConnectSession(long id, long environmentId, SessionTerms terms, OptionalLong connection, Instant expiresAt) {
    boolean allows(String integration) {
        return terms.allowed().isEmpty() || terms.allowed().contains(integration);
    }

    @Override
    public String toString() {
        return "ConnectSession[" + id + ']';
    }
}
