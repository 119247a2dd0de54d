package dev.millrace.server.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** Writes one answer: CORS, weak ETag and 304, no body for HEAD (http-api §§1.1, 1.3). */
final class Responder {
    private static final Header ANY_ORIGIN = HeaderValues.createCached("Access-Control-Allow-Origin", "*");
    private static final Header EXPOSED = HeaderValues.createCached(
            "Access-Control-Expose-Headers",
            "Authorization, Etag, Content-Type, Content-Length, X-Nango-Signature, X-RateLimit-Limit,"
                    + " X-RateLimit-Remaining, X-RateLimit-Reset");
    private static final Header METHODS =
            HeaderValues.createCached("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE");
    private static final Header ALLOWED = HeaderValues.createCached(
            "Access-Control-Allow-Headers",
            "Authorization, Content-Type, Accept, Origin, X-Requested-With, Nango-Activity-Log-Id, Nango-Is-Dry-Run,"
                    + " Nango-Is-Sync, Provider-Config-Key, Connection-Id, Sentry-Trace, Baggage");
    private static final Header MAX_AGE = HeaderValues.createCached("Access-Control-Max-Age", "600");
    private static final Header JSON = HeaderValues.createCached("Content-Type", "application/json; charset=utf-8");

    /** From here on a body is written by itself: sent along with its headers, it would be copied once more. */
    private static final int LARGE = 256 * 1024;

    private final ServerRequest req;
    private final ServerResponse res;

    Responder(ServerRequest req, ServerResponse res) {
        this.req = req;
        this.res = res;
        res.header(ANY_ORIGIN);
        res.header(EXPOSED);
    }

    void preflight() {
        res.header(METHODS);
        res.header(ALLOWED);
        res.header(MAX_AGE);
        res.status(204).send();
    }

    void send(Answer answer) {
        copy(answer.headers());
        switch (answer) {
            case Answer.Whole whole -> {
                try {
                    whole(whole);
                } finally {
                    whole.sent().run();
                }
            }
            case Answer.Always always -> body(always.status(), always.body(), always.body().length);
            case Answer.Streamed streamed -> streamed(streamed);
            case Answer.Empty empty -> res.status(empty.status()).send();
        }
    }

    private void copy(Map<String, List<String>> headers) {
        headers.forEach((name, values) -> res.header(name, values.toArray(String[]::new)));
    }

    private void whole(Answer.Whole answer) {
        if (!answer.headers().containsKey("ETag")) {
            res.header(HeaderNames.ETAG, etag(answer.body(), answer.length()));
        }
        var known = req.headers().first(HeaderNames.IF_NONE_MATCH);
        var method = req.prologue().method().text();
        boolean read = method.equals("GET") || method.equals("HEAD");
        if (read && answer.status() == 200 && known.isPresent() && matches(known.get())) {
            res.header(JSON);
            res.status(304).send();
        } else {
            body(answer.status(), answer.body(), answer.length());
        }
    }

    private void body(int status, byte[] body, int length) {
        res.header(JSON);
        if (req.prologue().method().text().equals("HEAD")) {
            res.contentLength(length);
            res.status(status).send();
        } else if (length < LARGE) {
            res.status(status).send(body, 0, length);
        } else {
            res.contentLength(length);
            write(status, out -> out.write(body, 0, length));
        }
    }

    private boolean matches(String ifNoneMatch) {
        var tag = weak(res.headers().first(HeaderNames.ETAG).orElse(""));
        for (var candidate : ifNoneMatch.split(",", -1)) {
            if (candidate.strip().equals("*") || weak(candidate.strip()).equals(tag)) {
                return true;
            }
        }
        return false;
    }

    private static String weak(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }

    /** Two checks of 32 bits and the length: to tell versions of one answer apart, and it costs next to nothing. */
    private static String etag(byte[] body, int length) {
        var one = new CRC32C();
        one.update(body, 0, length);
        var other = new CRC32();
        other.update(body, 0, length);
        var hex = HexFormat.of();
        return "W/\"" + Integer.toHexString(length) + '-' + hex.toHexDigits((int) one.getValue())
                + hex.toHexDigits((int) other.getValue()) + '"';
    }

    private void streamed(Answer.Streamed answer) {
        write(answer.status(), answer.body());
    }

    private void write(int status, Answer.Body body) {
        res.status(status);
        try {
            var out = res.outputStream();
            body.writeTo(out);
            // Only now: closed after a failure, half an answer would end like a whole one.
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the answer was on its way already, so that nothing more can be said to the client. */
    boolean broken(RuntimeException e) {
        return res.isSent() || res.bytesWritten() > 0 || e instanceof UncheckedIOException;
    }
}
