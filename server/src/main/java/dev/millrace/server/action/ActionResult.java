package dev.millrace.server.action;

import dev.millrace.server.http.Errors;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;

/**
 * The response to the caller of an action, in the form in which it is stored.
 *
 * @param status of the HTTP response
 * @param body its JSON text
 */
public record ActionResult(int status, byte[] body) {
    public static ActionResult of(Failure failure) {
        return new ActionResult(failure.status(), Json.bytes(Errors.body(failure)));
    }

    static ActionResult output(byte[] output) {
        return new ActionResult(200, output);
    }
}
