package dev.millrace.server.proxy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Receives every attempt of a call, for logs. */
@FunctionalInterface
public interface Observer {
    /** Receives nothing, which saves the work of masking. */
    Observer NONE = _ -> {};

    void attempted(Attempt attempt);

    /** Whether it needs the beginning of failed responses. */
    default boolean wantsErrors() {
        return false;
    }

    /**
     * One attempt, with credentials masked.
     *
     * @param number from 0
     * @param requestHeaders as sent
     * @param status empty when there was no response
     * @param answerHeaders empty when there was no response
     * @param answerBody the beginning of a failed response; empty when it is not needed or there is none
     * @param error the failure when there was no response
     * @param next the delay before the next attempt; empty when this was the last
     */
    record Attempt(
            int number,
            int retries,
            String method,
            String url,
            Map<String, String> requestHeaders,
            OptionalInt status,
            Map<String, String> answerHeaders,
            String answerBody,
            Optional<String> error,
            Duration duration,
            Optional<Duration> next) {}
}
