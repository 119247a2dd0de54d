package dev.millrace.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Writes a response: weak ETag and 304, compression, no body for HEAD. */
final class Responder {
    private static final HttpField JSON =
            new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, "application/json; charset=utf-8");
    private static final HttpField GZIP = new PreEncodedHttpField(HttpHeader.CONTENT_ENCODING, "gzip");
    private static final HttpField VARY = new PreEncodedHttpField(HttpHeader.VARY, "Accept-Encoding");

    private static final HttpField NO_BUFFERING = new PreEncodedHttpField("X-Accel-Buffering", "no");

    /** A smaller response fits into one packet anyway. */
    private static final int WORTH_COMPRESSING = 1_400;
    /** The JDK would copy a larger array into a direct buffer of the same size and keep that buffer. */
    private static final int SLICE = 256 * 1024;

    private final Request req;
    private final org.eclipse.jetty.server.Response res;
    private final boolean get;
    private final boolean head;

    Responder(Request req, org.eclipse.jetty.server.Response res) {
        this.req = req;
        this.res = res;
        this.get = req.getMethod().equals("GET");
        this.head = req.getMethod().equals("HEAD");
    }

    void send(Response answer) {
        switch (answer) {
            case Response.Whole whole -> {
                try {
                    add(whole.headers());
                    whole(whole);
                } finally {
                    whole.sent().run();
                }
            }
            case Response.Always always -> {
                add(always.headers());
                json(always.status(), always.body(), always.body().length);
            }
            case Response.Bytes bytes -> {
                add(bytes.headers());
                body(bytes.status(), ByteBuffer.wrap(bytes.body()));
            }
            case Response.Streamed streamed -> {
                add(streamed.headers());
                streamed(streamed);
            }
            case Response.Empty empty -> {
                add(empty.headers());
                empty(empty.status());
            }
            case Response.Upgraded _ -> throw new IllegalStateException("this response cannot be written");
        }
    }

    private void add(Map<String, List<String>> headers) {
        // Cookies are added one by one: Jetty joins list values with commas, which breaks cookies.
        headers.forEach(
                (name, values) -> values.forEach(value -> res.getHeaders().add(name, value)));
    }

    private void whole(Response.Whole answer) {
        boolean ok = answer.status() == 200;
        if (!answer.headers().containsKey("ETag")) {
            res.getHeaders().put(HttpHeader.ETAG, etag(answer.body(), answer.length()));
        }
        var known = ok && (get || head) ? req.getHeaders().get(HttpHeader.IF_NONE_MATCH) : null;
        if (known != null && matches(known)) {
            res.getHeaders().put(JSON);
            empty(304);
        } else {
            json(answer.status(), answer.body(), answer.length());
        }
    }

    private void json(int status, byte[] body, int length) {
        res.getHeaders().put(JSON);
        if (length >= WORTH_COMPRESSING) {
            res.getHeaders().add(VARY);
            if (!head && Gzip.wanted(req.getHeaders().get(HttpHeader.ACCEPT_ENCODING))) {
                res.getHeaders().put(GZIP);
                body(status, Gzip.packed(body, length));
                return;
            }
        }
        body(status, ByteBuffer.wrap(body, 0, length));
    }

    private void body(int status, ByteBuffer body) {
        res.setStatus(status);
        res.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.remaining());
        if (head) {
            write(true, null);
            return;
        }
        int end = body.limit();
        while (end - body.position() > SLICE) {
            write(false, body.limit(body.position() + SLICE));
        }
        write(true, body.limit(end));
    }

    private void empty(int status) {
        res.setStatus(status);
        write(true, null);
    }

    private void write(boolean last, @Nullable ByteBuffer bytes) {
        var written = new WriteCompletion();
        res.write(last, bytes, written);
        written.await();
    }

    private void streamed(Response.Streamed answer) {
        res.setStatus(answer.status());
        if (!answer.headers().containsKey("content-length")) {
            // Tells nginx not to buffer a streamed response; nginx does not forward this header.
            res.getHeaders().put(NO_BUFFERING);
        }
        try {
            var out = Content.Sink.asOutputStream(res);
            answer.body().writeTo(out);
            // Closed only after success: closing after a failure would make a partial response look complete.
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean matches(String ifNoneMatch) {
        var own = res.getHeaders().get(HttpHeader.ETAG);
        var tag = weak(own == null ? "" : own);
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

    /** Two 32-bit checksums and the length: enough to distinguish versions of one response, and very cheap. */
    private static String etag(byte[] body, int length) {
        var one = new CRC32C();
        one.update(body, 0, length);
        var other = new CRC32();
        other.update(body, 0, length);
        var hex = HexFormat.of();
        return "W/\"" + Integer.toHexString(length) + '-' + hex.toHexDigits((int) one.getValue())
                + hex.toHexDigits((int) other.getValue()) + '"';
    }

    /** Whether the response has begun, so that no error can be sent. */
    boolean broken(RuntimeException e) {
        return res.isCommitted() || e instanceof UncheckedIOException;
    }
}
