package dev.millrace.server.http;

import java.io.Serial;
import org.eclipse.jetty.http.HttpException;

/** The body of a request that is not HTTP, or does not come. The connection ends with the answer. */
final class BrokenRequest extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final int status;

    BrokenRequest(int status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** As Jetty wants to be told. */
    HttpException.RuntimeException told() {
        return new HttpException.RuntimeException(status, getMessage(), getCause());
    }
}
