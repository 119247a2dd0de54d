package dev.millrace.server.outbound;

import org.apache.hc.core5.http.ProtocolException;

/** A response that is not valid HTTP. The message contains nothing that the provider sent, because it may be secret. */
final class BrokenAnswer extends ProtocolException {
    private final String code;

    /** @param code the name that Node.js uses for this failure */
    BrokenAnswer(String code, String message) {
        super(message);
        this.code = code;
    }

    String code() {
        return code;
    }
}
