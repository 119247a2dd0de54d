package dev.millrace.server.connect;

import dev.millrace.server.http.Failure;

/**
 * Why an authorisation in a popup failed. It is shown on the page and sent to the page that opened the popup, if there
 * is one.
 */
final class AuthError extends RuntimeException {
    static final String UNKNOWN = "unknown_err";
    static final String UNKNOWN_CONFIG = "unknown_config_key";
    static final String PROVIDER_CONFIG = "provider_config_err";

    private static final long serialVersionUID = 1L;

    private final String type;

    /** @param type one of the contract's {@code error_type}s, or the code of a failure */
    AuthError(String type, String message) {
        super(message, null, false, false);
        this.type = type;
    }

    static AuthError of(Failure failure) {
        var code = switch (failure) {
            case Failure.Plain plain -> plain.code();
            case Failure.Typed typed -> typed.code();
            case Failure.Upstream upstream -> upstream.code();
            case Failure.Invalid invalid -> invalid.part().code();
        };
        var type = switch (code) {
            case "unknown_provider_config" -> UNKNOWN_CONFIG;
            case "unknown_provider_template" -> PROVIDER_CONFIG;
            case "invalid_connection" -> UNKNOWN;
            default -> code;
        };
        return new AuthError(type, String.valueOf(failure.getMessage()));
    }

    String type() {
        return type;
    }
}
