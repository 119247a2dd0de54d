package dev.millrace.server.credential;

import dev.millrace.server.outbound.OutboundFailure;

/** No token could be obtained. */
public final class TokenFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Who has to act. */
    public enum Kind {
        /** The provider refused: the customer has to reconnect, or the integration is set up incorrectly. */
        REFUSED,
        /** The provider was not reached or had an internal error: a later attempt may succeed. */
        UNAVAILABLE,
        /** The call cannot be made. */
        IMPOSSIBLE
    }

    private final Kind kind;
    private final String code;

    private TokenFailure(Kind kind, String code, String message) {
        super(message, null, false, false);
        this.kind = kind;
        this.code = code;
    }

    public static TokenFailure refused(String code, String message) {
        return new TokenFailure(Kind.REFUSED, code, message);
    }

    public static TokenFailure unavailable(String code, String message) {
        return new TokenFailure(Kind.UNAVAILABLE, code, message);
    }

    static TokenFailure impossible(String code, String message) {
        return new TokenFailure(Kind.IMPOSSIBLE, code, message);
    }

    static TokenFailure of(OutboundFailure failure) {
        boolean refused = failure.kind() == OutboundFailure.Kind.REFUSED;
        return new TokenFailure(
                refused ? Kind.IMPOSSIBLE : Kind.UNAVAILABLE,
                failure.code(),
                (refused ? "The token endpoint cannot be called: " : "The token endpoint was not reached: ")
                        + failure.getMessage());
    }

    public Kind kind() {
        return kind;
    }

    /** The provider's error ({@code invalid_grant}), the network's, or one of the contract's. */
    public String code() {
        return code;
    }

    /** The same with another message. */
    TokenFailure saying(String message) {
        return new TokenFailure(kind, code, message);
    }
}
