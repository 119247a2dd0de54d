package dev.millrace.server.http;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An error response. It is thrown where the error is detected and written in one place. The four kinds are the four
 * formats of error bodies.
 */
public abstract sealed class Failure extends RuntimeException {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private final int status;

    private Failure(int status, @Nullable String message) {
        super(message, null, false, false);
        this.status = status;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** Shape A: a code and usually a message. */
    public static final class Plain extends Failure {
        private final String code;
        private final Optional<ObjectNode> details;
        private final Optional<Duration> retryAfter;

        public Plain(int status, String code, @Nullable String message) {
            this(status, code, message, null);
        }

        /** @param details further fields of the error */
        public Plain(int status, String code, @Nullable String message, @Nullable ObjectNode details) {
            super(status, message);
            this.code = code;
            this.details = Optional.ofNullable(details);
            this.retryAfter = Optional.empty();
        }

        private Plain(Duration retryAfter, int status, String code, String message) {
            super(status, message);
            this.code = code;
            this.details = Optional.empty();
            this.retryAfter = Optional.of(retryAfter);
        }

        /** A hint when a retry may succeed. */
        Optional<Duration> retryAfter() {
            return retryAfter;
        }

        public Optional<ObjectNode> details() {
            return details;
        }

        public String code() {
            return code;
        }
    }

    /** Shape B: errors by field. Always status 400. */
    public static final class Invalid extends Failure {
        private final Part part;
        private final List<Issue> issues;

        public Invalid(Part part, List<Issue> issues) {
            super(400, part.code() + " " + issues);
            this.part = part;
            this.issues = List.copyOf(issues);
        }

        public Part part() {
            return part;
        }

        public List<Issue> issues() {
            return issues;
        }
    }

    /** Shape C: authentication, sync commands, failures of functions, deploys. */
    public static final class Typed extends Failure {
        private final String code;
        private final Optional<JsonNode> payload;

        public Typed(int status, String code, String message) {
            this(status, code, message, null);
        }

        public Typed(int status, String code, String message, @Nullable JsonNode payload) {
            super(status, message);
            this.code = code;
            this.payload = Optional.ofNullable(payload);
        }

        public String code() {
            return code;
        }

        public Optional<JsonNode> payload() {
            return payload;
        }
    }

    /** Shape D: a function failed because the provider returned an error. */
    public static final class Upstream extends Failure {
        private final String code;
        private final JsonNode payload;
        private final Optional<JsonNode> upstream;

        public Upstream(String code, JsonNode payload, @Nullable JsonNode upstream) {
            super(424, code);
            this.code = code;
            this.payload = payload;
            this.upstream = Optional.ofNullable(upstream);
        }

        public String code() {
            return code;
        }

        public JsonNode payload() {
            return payload;
        }

        public Optional<JsonNode> upstream() {
            return upstream;
        }
    }

    /** Shorthand for shape A. */
    public static Failure plain(int status, String code, String message) {
        return new Plain(status, code, message);
    }

    /** The server is overloaded; a retry may succeed. */
    public static Failure overloaded(String message) {
        return new Plain(RETRY_AFTER, 503, "overloaded", message);
    }

    /** Something that the server needs is unavailable; a retry may succeed. */
    public static Failure unavailable(String code, String message) {
        return new Plain(RETRY_AFTER, 503, code, message);
    }

    /** A well-formed body that cannot be accepted: shape A with {@code invalid_body}. */
    public static Failure refusedBody(String message) {
        return new Plain(400, "invalid_body", message);
    }
}
