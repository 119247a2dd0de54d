package dev.millrace.server.proxy;

import static java.util.Locale.ROOT;

import dev.millrace.server.provider.RetryRules;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One call to a provider, as specified by a caller or a function.
 *
 * @param endpoint raw path and query, or an absolute URL below the provider's base URL
 * @param params text or object, added to the query
 * @param headers lower-case names
 * @param retries further attempts after the first; at most ten
 * @param retryHeader takes precedence over the definition's rules for delays
 * @param baseUrlOverride replaces the definition's base URL unless empty
 * @param followsLink the endpoint is a link in a response of this provider; a link to another provider's host is
 * refused
 * @param endsWhenRefusedTwice a second 401 with the same credentials ends the attempts
 * @param forwardHeadersOnRedirect empty: the definition decides
 * @param longestPause the longest delay before another attempt; if a provider asks for more, there is no further attempt
 * @param timeout how long each attempt waits for the response to begin
 */
public record Call(
        String method,
        String endpoint,
        Optional<JsonNode> params,
        Map<String, String> headers,
        Body body,
        int retries,
        List<Integer> retryOn,
        Optional<RetryRules> retryHeader,
        String baseUrlOverride,
        boolean decompress,
        boolean followsLink,
        boolean endsWhenRefusedTwice,
        Optional<Boolean> forwardHeadersOnRedirect,
        Duration longestPause,
        Duration timeout) {
    /** The default time that a provider may take until its response begins. */
    static final Duration TIMEOUT = Duration.ofMinutes(15);

    private static final int MOST_RETRIES = 10;
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    public Call {
        method = method.toUpperCase(ROOT);
        retries = Math.clamp(retries, 0, MOST_RETRIES);
        retryOn = List.copyOf(retryOn);
        var lower = new LinkedHashMap<String, String>();
        headers.forEach((name, value) -> lower.put(name.toLowerCase(ROOT), value));
        headers = lower;
    }

    /** A call with only a method and an endpoint. */
    public static Builder to(String method, String endpoint) {
        return new Builder(method, endpoint);
    }

    /** A builder for calls. Not thread-safe. */
    public static final class Builder {
        private final String method;
        private final String endpoint;
        private Optional<JsonNode> params = Optional.empty();
        private Map<String, String> headers = Map.of();
        private Body body = new Body.None();
        private int retries;
        private List<Integer> retryOn = List.of();
        private Optional<RetryRules> retryHeader = Optional.empty();
        private String baseUrlOverride = "";
        private boolean decompress;
        private boolean followsLink;
        private boolean endsWhenRefusedTwice;
        private Optional<Boolean> forwardHeadersOnRedirect = Optional.empty();
        private Duration longestPause = LONGEST_PAUSE;
        private Duration timeout = TIMEOUT;

        private Builder(String method, String endpoint) {
            this.method = method;
            this.endpoint = endpoint;
        }

        public Builder params(JsonNode value) {
            params = Optional.of(value);
            return this;
        }

        public Builder headers(Map<String, String> value) {
            headers = value;
            return this;
        }

        public Builder body(Body value) {
            body = value;
            return this;
        }

        public Builder retries(int value) {
            retries = value;
            return this;
        }

        public Builder retryOn(List<Integer> value) {
            retryOn = value;
            return this;
        }

        public Builder retryHeader(RetryRules value) {
            retryHeader = Optional.of(value);
            return this;
        }

        public Builder baseUrlOverride(String value) {
            baseUrlOverride = value;
            return this;
        }

        public Builder decompress(boolean value) {
            decompress = value;
            return this;
        }

        public Builder followsLink(boolean value) {
            followsLink = value;
            return this;
        }

        public Builder endsWhenRefusedTwice(boolean value) {
            endsWhenRefusedTwice = value;
            return this;
        }

        public Builder forwardHeadersOnRedirect(boolean value) {
            forwardHeadersOnRedirect = Optional.of(value);
            return this;
        }

        public Builder longestPause(Duration value) {
            longestPause = value;
            return this;
        }

        public Builder timeout(Duration value) {
            timeout = value;
            return this;
        }

        public Call build() {
            return new Call(
                    method,
                    endpoint,
                    params,
                    headers,
                    body,
                    retries,
                    retryOn,
                    retryHeader,
                    baseUrlOverride,
                    decompress,
                    followsLink,
                    endsWhenRefusedTwice,
                    forwardHeadersOnRedirect,
                    longestPause,
                    timeout);
        }
    }
}
