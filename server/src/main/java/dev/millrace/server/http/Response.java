package dev.millrace.server.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The response of a handler. {@link Http} writes it. */
public sealed interface Response {
    int status();

    /** Header name and values, in order. */
    Map<String, List<String>> headers();

    /**
     * A complete JSON body; the response gets a weak ETag.
     *
     * @param length the number of bytes used of the array
     * @param sent called when the array is no longer needed
     */
    record Whole(int status, Map<String, List<String>> headers, byte[] body, int length, Runnable sent)
            implements Response {
        public Whole(int status, Map<String, List<String>> headers, byte[] body) {
            this(status, headers, body, body.length, () -> {});
        }
    }

    /** A complete JSON body that is never replaced by 304, because it contains more than its ETag covers. */
    record Always(int status, Map<String, List<String>> headers, byte[] body) implements Response {}

    /** A body of any type, written while it is produced. */
    record Streamed(int status, Map<String, List<String>> headers, Body body) implements Response {}

    /** A complete body of any type; the headers name the type. */
    record Bytes(int status, Map<String, List<String>> headers, byte[] body) implements Response {
        public Bytes(int status, String type, byte[] body) {
            this(status, Map.of("Content-Type", List.of(type)), body);
        }
    }

    /** Switches the connection to WebSocket with this listener; 426 if the client did not ask for that. */
    record Upgraded(WebSocket.Listener listener) implements Response {
        @Override
        public int status() {
            return 101;
        }

        @Override
        public Map<String, List<String>> headers() {
            return Map.of();
        }
    }

    /** No body. */
    record Empty(int status, Map<String, List<String>> headers) implements Response {}

    /** Writes a body. Always closes the source that it reads from. */
    interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    static Response json(int status, JsonNode body) {
        return new Whole(status, Map.of(), Json.bytes(body));
    }

    /** A body that is JSON text already. */
    static Response json(int status, byte[] body) {
        return new Whole(status, Map.of(), body);
    }

    /** A complete JSON body with the version of its subject, for If-Match and If-None-Match. */
    static Response versioned(int status, long version, byte[] body) {
        return new Whole(status, version(version), body);
    }

    /** The header that contains a version. */
    static Map<String, List<String>> version(long version) {
        return Map.of("ETag", List.of("\"" + version + '"'));
    }

    static Response ok(JsonNode body) {
        return json(200, body);
    }

    /** {@code {"success":true}}. */
    static Response success() {
        return ok(Json.object().put("success", true));
    }

    static Response empty(int status) {
        return new Empty(status, Map.of());
    }
}
