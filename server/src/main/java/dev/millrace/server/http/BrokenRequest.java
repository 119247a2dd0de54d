package dev.millrace.server.http;

import java.io.Serial;
import org.eclipse.jetty.http.HttpException;

/** The body of a request is malformed or does not arrive. The connection ends with the response. */
final class BrokenRequest extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final int status;

    BrokenRequest(int status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** The form that Jetty expects. */
    HttpException.RuntimeException told() {
        return new HttpException.RuntimeException(status, getMessage(), getCause());
    }
}
