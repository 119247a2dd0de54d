package dev.millrace.server.connect;

/** Why an authorisation in a popup failed: told on the page and, if one waits, to the page that opened it. */
final class AuthError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String type;

    /** @param type one of the contract's {@code error_type}s */
    AuthError(String type, String message) {
        super(message, null, false, false);
        this.type = type;
    }

    String type() {
        return type;
    }
}
