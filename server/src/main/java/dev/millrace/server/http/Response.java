package dev.millrace.server.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What a handler answers: written by {@link Http} in one place. */
public sealed interface Response {
    int status();

    /** Header name and values, in order. */
    Map<String, List<String>> headers();

    /**
     * A complete JSON body; the response carries a weak ETag.
     *
     * @param length how many bytes of the array it has
     * @param sent runs when the array is not needed any more
     */
    record Whole(int status, Map<String, List<String>> headers, byte[] body, int length, Runnable sent)
            implements Response {
        public Whole(int status, Map<String, List<String>> headers, byte[] body) {
            this(status, headers, body, body.length, () -> {});
        }
    }

    /** A whole JSON body that no ETag of the client's replaces by 304: it says more than its ETag covers. */
    record Always(int status, Map<String, List<String>> headers, byte[] body) implements Response {}

    /** A body of any type, written as it comes. */
    record Streamed(int status, Map<String, List<String>> headers, Body body) implements Response {}

    /** A whole body of any type, which the headers name. */
    record Bytes(int status, Map<String, List<String>> headers, byte[] body) implements Response {
        public Bytes(int status, String type, byte[] body) {
            this(status, Map.of("Content-Type", List.of(type)), body);
        }
    }

    /** From here on the connection speaks WebSocket with the listener; 426 for a client that did not ask for that. */
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

    /** No body at all. */
    record Empty(int status, Map<String, List<String>> headers) implements Response {}

    /** Writes a body; closes what it reads from when it ends in any way. */
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

    /** A whole JSON body with the version of what it shows, for If-Match and If-None-Match. */
    static Response versioned(int status, long version, byte[] body) {
        return new Whole(status, version(version), body);
    }

    /** The header that tells a version. */
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
