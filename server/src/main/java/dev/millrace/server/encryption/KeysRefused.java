package dev.millrace.server.encryption;

/** The encryption keys cannot be used as they are; the message says which, why and what to do. */
public final class KeysRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    KeysRefused(String message) {
        super(message);
    }

    KeysRefused(String message, Throwable cause) {
        super(message, cause);
    }
}
