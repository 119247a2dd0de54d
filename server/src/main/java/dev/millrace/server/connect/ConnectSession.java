package dev.millrace.server.connect;

import java.time.Instant;
import java.util.OptionalLong;

/**
 * What a customer who holds its token may connect, and as whom.
 *
 * @param connection the one that is to be authorised again
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
