package dev.millrace.server.outbound;

import org.jspecify.annotations.Nullable;

/** A call without a response: the request was invalid or not allowed, or the network failed. */
public final class OutboundFailure extends RuntimeException {
    /** The kind of failure, which determines the status of the HTTP proxy's response. */
    public enum Kind {
        /** The request is invalid or not allowed. */
        REFUSED,
        /** The provider was not reached or closed the connection. */
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

    /** A request that is invalid or not allowed. */
    public static OutboundFailure refused(String code, String message) {
        return new OutboundFailure(Kind.REFUSED, code, message, null);
    }

    public static OutboundFailure network(String code, String message) {
        return new OutboundFailure(Kind.NETWORK, code, message, null);
    }

    static OutboundFailure timeout(String code, String message, Exception cause) {
        return new OutboundFailure(Kind.TIMEOUT, code, message, cause);
    }

    /** The same failure with another message and without its cause, which could reveal more than the message. */
    public OutboundFailure saying(String message) {
        return new OutboundFailure(kind, code, message, null);
    }

    /** One of the contract's codes ({@code unsupported_provider}) or of the network's ({@code ECONNREFUSED}). */
    public String code() {
        return code;
    }

    public Kind kind() {
        return kind;
    }
}
