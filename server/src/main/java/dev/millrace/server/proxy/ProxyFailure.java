package dev.millrace.server.proxy;

import org.jspecify.annotations.Nullable;

/** A call that got no answer: it could not be built, was not allowed, or the network failed. */
public final class ProxyFailure extends RuntimeException {
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

    ProxyFailure(Kind kind, String code, String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.kind = kind;
        this.code = code;
    }

    static ProxyFailure refused(String code, String message) {
        return new ProxyFailure(Kind.REFUSED, code, message, null);
    }

    static ProxyFailure network(String code, String message) {
        return new ProxyFailure(Kind.NETWORK, code, message, null);
    }

    static ProxyFailure denied(String host) {
        return refused(
                "base_url_override_not_allowed",
                "Calls to " + host + " are not allowed: it is an address of a private network or of this machine."
                        + " Start the server with --allow-loopback to reach this machine itself.");
    }

    /** One of the contract's codes ({@code unsupported_provider}) or the network's ({@code ECONNREFUSED}). */
    public String code() {
        return code;
    }

    public Kind kind() {
        return kind;
    }
}
