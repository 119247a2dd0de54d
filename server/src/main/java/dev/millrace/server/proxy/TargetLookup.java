package dev.millrace.server.proxy;

import dev.millrace.server.http.Failure;

/** Finds the connection of a call. Implemented by a higher package. */
@FunctionalInterface
public interface TargetLookup {
    /**
     * Returns a source of the connection's current credentials, to be queried before each attempt.
     *
     * @throws Failure one of the two below
     */
    TargetSource find(long environment, String integration, String connection) throws InterruptedException;

    static Failure unknownIntegration() {
        return Failure.plain(
                404,
                "unknown_provider_config",
                "Provider config not found for the given provider config key. Please make sure the integration"
                        + " exists.");
    }

    static Failure unknownConnection() {
        return Failure.plain(400, "server_error", "Failed to get connection");
    }
}
