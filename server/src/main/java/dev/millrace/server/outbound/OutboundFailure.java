package dev.millrace.server.outbound;

import org.jspecify.annotations.Nullable;

/** A call that got no answer: it could not be built, was not allowed, or the network failed. */
public final class OutboundFailure extends RuntimeException {
    /** What kind of failure, and so what the HTTP proxy answers. */
    public enum Kind {
        /** The call cannot be built or is not allowed. */
        REFUSED,
        /** The provider was not reached or broke off. */
        NETWORK,
        /** The provider did not answer in time. */
        TIMEOUT
    }

    private final String code;
    private final Kind kind;

    OutboundFailure(Kind kind, String code, String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.kind = kind;
        this.code = code;
    }

    /** A call that cannot be built or is not allowed. */
    public static OutboundFailure refused(String code, String message) {
        return new OutboundFailure(Kind.REFUSED, code, message, null);
    }

    public static OutboundFailure network(String code, String message) {
        return new OutboundFailure(Kind.NETWORK, code, message, null);
    }

    static OutboundFailure timeout(String code, String message, Exception cause) {
        return new OutboundFailure(Kind.TIMEOUT, code, message, cause);
    }

    /** The same failure in other words, without what caused it: that may tell what the words do not. */
    public OutboundFailure saying(String message) {
        return new OutboundFailure(kind, code, message, null);
    }

    /** One of the contract's codes ({@code unsupported_provider}) or the network's ({@code ECONNREFUSED}). */
    public String code() {
        return code;
    }

    public Kind kind() {
        return kind;
    }
}
