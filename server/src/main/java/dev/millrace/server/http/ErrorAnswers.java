package dev.millrace.server.http;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** The response to malformed HTTP, in the usual error format, before routing. The connection ends with the response. */
final class ErrorAnswers extends ErrorHandler {
    private static final Map<Integer, String> CODES = Map.of(
            400, "invalid_request",
            408, "request_timeout",
            413, "request_too_large",
            414, "uri_too_long",
            417, "expectation_failed",
            426, "upgrade_required",
            431, "headers_too_large",
            501, "not_implemented",
            505, "http_version_not_supported");

    private final Site site;

    ErrorAnswers(Site site) {
        this.site = site;
    }

    @Override
    public boolean handle(Request request, Response response, Callback done) {
        int status = response.getStatus();
        var message =
                Objects.requireNonNullElse((String) request.getAttribute(ERROR_MESSAGE), HttpStatus.getMessage(status));
        var failure = Failure.plain(status, CODES.getOrDefault(status, "server_error"), message);
        site.prepare(response.getHeaders());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json; charset=utf-8");
        response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
        response.write(true, ByteBuffer.wrap(Json.bytes(Errors.body(failure))), done);
        return true;
    }
}
