package dev.millrace.server.proxy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Is told of every attempt of a call, for logs. */
@FunctionalInterface
public interface Observer {
    /** Wants to know nothing; spares the work of redacting. */
    Observer NONE = _ -> {};

    void attempted(Attempt attempt);

    /** Whether the beginnings of failed answers are wanted, too. */
    default boolean wantsErrors() {
        return false;
    }

    /**
     * One attempt, credentials blanked out.
     *
     * @param number from 0
     * @param requestHeaders what was sent
     * @param status empty when there was no answer
     * @param answerHeaders empty when there was no answer
     * @param answerBody the beginning of a failed answer's text; empty when it is not wanted or there is none
     * @param error what went wrong without an answer
     * @param next the wait before the next attempt; empty when this was the last
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
