package dev.millrace.server.function.js;

import dev.millrace.server.http.Json;
import java.io.InputStream;
import tools.jackson.databind.node.ObjectNode;

/**
 * The answer to a call of a function: a small head and the payload, as bytes.
 *
 * @param rest what follows the body, of any length: it is passed on as it comes, and closed
 */
record Reply(ObjectNode head, byte[] body, InputStream rest) {
    private static final byte[] NOTHING = new byte[0];

    Reply(ObjectNode head, byte[] body) {
        this(head, body, InputStream.nullInputStream());
    }

    /** For payloads that are still on their way. */
    static Reply streamed(ObjectNode head, InputStream payload) {
        return new Reply(head, NOTHING, payload);
    }

    /** For calls that answer nothing but "done". */
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
