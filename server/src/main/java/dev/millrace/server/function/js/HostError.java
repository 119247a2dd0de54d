package dev.millrace.server.function.js;

import dev.millrace.server.http.Json;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Fails a call inside the function, with an Error of the given name, message and code. */
public final class HostError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ObjectNode head;

    private HostError(String message, ObjectNode head) {
        super(message, null, false, false);
        this.head = head;
    }

    /** A plain Error; an upper-case code marks a network failure of an HTTP call. */
    public static HostError of(String message, Optional<String> code) {
        var head = Json.object().put("name", "Error").put("message", message);
        code.ifPresent(value -> head.put("code", value));
        return new HostError(message, head);
    }

    /**
     * An error that the platform defines. If the function does not catch it, its code becomes the type of the run's
     * failure.
     */
    public static HostError sdk(String code, String message, JsonNode payload) {
        var head = Json.object().put("message", message).put("code", code).put("sdk", true);
        head.set("payload", payload);
        return new HostError(message, head);
    }

    /** A response of the platform's own API outside 200–299; the function gets an Axios-like error. */
    public static HostError response(int status, JsonNode body) {
        var head = Json.object();
        head.putObject("response").put("status", status).set("data", body);
        return new HostError("status " + status, head);
    }

    ObjectNode head() {
        return head;
    }
}
