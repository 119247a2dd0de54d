package dev.millrace.server.encryption;

/** The configured encryption keys cannot be used; the message says which, why and what to do. */
public final class KeysRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    KeysRefused(String message) {
        super(message);
    }

    KeysRefused(String message, Throwable cause) {
        super(message, cause);
    }
}
