package dev.millrace.server.function.runtime;

import dev.millrace.server.http.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The answer to a call of a function: a small head and the payload, as bytes. */
public record Reply(ObjectNode head, byte[] body) {
    private static final byte[] NOTHING = new byte[0];

    /** For calls that answer nothing but "done". */
    public static Reply done() {
        return new Reply(Json.object(), NOTHING);
    }

    public static Reply head(ObjectNode head) {
        return new Reply(head, NOTHING);
    }

    public static Reply json(JsonNode body) {
        return new Reply(Json.object(), Json.bytes(body));
    }
}
