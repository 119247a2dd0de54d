package dev.millrace.server.credential;

import dev.millrace.server.http.Failure;

/** No fresh credentials are available. */
public final class RefreshFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int FAILED_DEPENDENCY = 424;

    private final String code;
    private final int status;
    private final boolean outage;

    private RefreshFailure(String code, int status, boolean outage, String message) {
        super(message, null, false, false);
        this.code = code;
        this.status = status;
        this.outage = outage;
    }

    static RefreshFailure of(AuthFailure failure) {
        return new RefreshFailure("refresh_token_external_error", 400, failure.outage(), failure.message());
    }

    static RefreshFailure exhausted(AuthFailure failure) {
        return new RefreshFailure(
                "connection_refresh_exhausted",
                FAILED_DEPENDENCY,
                false,
                "The credentials of this connection failed too often and are not tried any more: authorise the"
                        + " connection again. The last failure: " + failure.message());
    }

    static RefreshFailure backingOff(AuthFailure failure) {
        return new RefreshFailure(
                "connection_refresh_backoff",
                FAILED_DEPENDENCY,
                failure.outage(),
                "The last refresh of the token failed less than 30 seconds ago; try again later. The error was: "
                        + failure.message());
    }

    static RefreshFailure late() {
        return new RefreshFailure(
                "refresh_token_external_error",
                400,
                true,
                "Another server is still refreshing this token; try again later.");
    }

    static RefreshFailure internal(String id) {
        return new RefreshFailure(
                "refresh_token_internal_error",
                500,
                true,
                "The token could not be refreshed for an internal reason. Its id in the server's log is " + id + '.');
    }

    /** The contract's code of this error. */
    public String code() {
        return code;
    }

    /** The HTTP status of responses that report it. */
    public int status() {
        return status;
    }

    /** Whether the same call may succeed later without any change. */
    public boolean outage() {
        return outage;
    }

    /** The error for callers of the HTTP proxy. */
    public Failure forProxy() {
        return Failure.plain(
                status,
                code.equals("connection_refresh_backoff") ? code : "server_error",
                String.valueOf(getMessage()));
    }
}
