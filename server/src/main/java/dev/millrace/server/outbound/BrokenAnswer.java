package dev.millrace.server.outbound;

import org.apache.hc.core5.http.ProtocolException;

/** An answer that is not HTTP as it should be. The text is ours alone: what the provider sent may be secret. */
final class BrokenAnswer extends ProtocolException {
    private final String code;

    /** @param code as Node.js names such failures */
    BrokenAnswer(String code, String message) {
        super(message);
        this.code = code;
    }

    String code() {
        return code;
    }
}
