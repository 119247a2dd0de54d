package dev.millrace.server.action;

import dev.millrace.server.http.Errors;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;

/**
 * What a caller of an action is told, in the form in which it is kept.
 *
 * @param status of the HTTP answer
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
