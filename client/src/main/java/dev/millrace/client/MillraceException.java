package dev.millrace.client;

/**
 * The server returned an error or could not be reached.
 *
 * <pre>{@code
 * try {
 *     client.connection(acme);
 * } catch (MillraceException e) {
 *     if (e.status() == 404) { ... }
 * }
 * }</pre>
 */
public final class MillraceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    MillraceException(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    MillraceException(String message, Throwable cause) {
        super(message, cause);
        this.status = 0;
        this.code = "unreachable";
    }

    /** The HTTP status; 0 when there was no response. */
    public int status() {
        return status;
    }

    /** The error code, such as {@code unknown_connection}; {@code unreachable} when there was no response. */
    public String code() {
        return code;
    }
}
