package dev.millrace.server.function.js;

import dev.millrace.server.http.Json;
import java.io.InputStream;
import tools.jackson.databind.node.ObjectNode;

/**
 * The result of a function's call: a small head and the payload as bytes.
 *
 * @param rest follows the body, with any length: passed on as it arrives, then closed
 */
record Reply(ObjectNode head, byte[] body, InputStream rest) {
    private static final byte[] NOTHING = new byte[0];

    Reply(ObjectNode head, byte[] body) {
        this(head, body, InputStream.nullInputStream());
    }

    /** For payloads that are still arriving. */
    static Reply streamed(ObjectNode head, InputStream payload) {
        return new Reply(head, NOTHING, payload);
    }

    /** For calls without a result. */
    static Reply done() {
        return new Reply(Json.object(), NOTHING);
    }

    static Reply head(ObjectNode head) {
        return new Reply(head, NOTHING);
    }

    static Reply json(byte[] body) {
        return new Reply(Json.object(), body);
    }
}
