package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.PlainHttp;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.node.ObjectNode;

/** A third-party API: tells what it was asked, fails, redirects, compresses, streams for ever. */
final class FakeProvider implements AutoCloseable {
    static final int MANY = 100 * 1024 * 1024;

    private final CountDownLatch stopping = new CountDownLatch(1);
    final AtomicInteger calls = new AtomicInteger();
    final CountDownLatch brokenOff = new CountDownLatch(1);
    private final PlainHttp server = new PlainHttp(0, routes());

    private List<Route> routes() {
        return List.of(
                Route.any("/status/{status}", this::status),
                Route.any("/redirect/{status}", this::redirect),
                Route.any("/loop", _ -> new Response.Empty(302, Map.of("location", List.of("/loop")))),
                Route.get("/compressed/{encoding}", FakeProvider::compressed),
                Route.get("/never", _ -> {
                    stopping.await();
                    return Response.empty(200);
                }),
                Route.get("/bytes", _ -> bytes()),
                Route.get("/unchanged", _ -> new Response.Empty(304, Map.of("etag", List.of("\"1\"")))),
                Route.get("/endless", _ -> endless()),
                Route.get("/refusal", req -> {
                    var key = req.header("x-api-key").orElse("");
                    return json(422, "{\"wrong\":\"" + key + "\",\"long\":\"" + "x".repeat(20_000) + "\"}");
                }),
                Route.get("/nocontent", _ -> Response.empty(204)),
                Route.any("/rate/{remaining}", req -> {
                    calls.incrementAndGet();
                    var headers = Map.of("x-left", List.of(req.variable("remaining")), "x-wait", List.of("2.5"));
                    return new Response.Bytes(403, headers, "no".getBytes(UTF_8));
                }),
                Route.any("/in-body", _ -> {
                    calls.incrementAndGet();
                    return json(429, "{\"e\":\"wait 7 s\"}");
                }),
                Route.any("/", this::echo),
                Route.any("/{path...}", this::echo));
    }

    private static Response json(int status, String body) {
        return new Response.Bytes(status, "application/json", body.getBytes(UTF_8));
    }

    private Response echo(Request req) {
        calls.incrementAndGet();
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("content-type", List.of("application/json"));
        headers.put("x-up", List.of("yes"));
        headers.put("access-control-allow-origin", List.of("theirs"));
        return new Response.Bytes(200, headers, Json.bytes(told(req)));
    }

    private static ObjectNode told(Request req) {
        var query = req.rawQuery();
        var told = Json.object()
                .put("method", req.method())
                .put("url", req.rawPath() + (query.isEmpty() ? "" : '?' + query));
        var headers = told.putObject("headers");
        req.headers().forEach((name, values) -> headers.put(name, values.getFirst()));
        told.put("body", new String(req.body(), UTF_8));
        return told;
    }

    private Response status(Request req) {
        calls.incrementAndGet();
        int status = Integer.parseInt(req.variable("status"));
        return new Response.Bytes(status, Map.of("retry-after", List.of("1")), ("status " + status).getBytes(UTF_8));
    }

    private Response redirect(Request req) {
        int status = Integer.parseInt(req.variable("status"));
        var to = req.queryTree().path("to").asString("/landed");
        return new Response.Empty(status, Map.of("location", List.of(to)));
    }

    /** The same text by each of the encodings that calls accept. */
    private static Response compressed(Request req) {
        var encoding = req.variable("encoding");
        var bytes = switch (encoding) {
            case "gzip" -> written(GZIPOutputStream::new);
            case "deflate" -> written(DeflaterOutputStream::new);
            // "in the clear": these two the JDK reads by no class of its own.
            case "br" -> HexFormat.of().parseHex("1b0b00f8a5d2dc629250c93d02");
            default -> HexFormat.of().parseHex("1f9d9069dc80a083a60c88316cca849103");
        };
        return new Response.Bytes(
                200, Map.of("content-encoding", List.of(encoding), "content-type", List.of("text/plain")), bytes);
    }

    private interface Compression {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static byte[] written(Compression compression) {
        var bytes = new ByteArrayOutputStream();
        try (var out = compression.over(bytes)) {
            out.write("in the clear".getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** {@link #MANY} bytes of all values. */
    private static Response bytes() {
        var headers = Map.of(
                "content-length", List.of(String.valueOf(MANY)),
                "connection", List.of("x-hop"),
                "x-hop", List.of("1"));
        var all = new byte[256 * 1024];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (i + i / 256);
        }
        return new Response.Streamed(200, headers, out -> {
            for (int sent = 0; sent < MANY; sent += all.length) {
                out.write(all);
            }
        });
    }

    private Response endless() {
        var line = "data: tick\n\n".repeat(1000).getBytes(UTF_8);
        return new Response.Streamed(200, Map.of("content-type", List.of("text/event-stream")), out -> {
            try {
                for (; ; ) {
                    out.write(line);
                    out.flush();
                }
            } finally {
                brokenOff.countDown();
            }
        });
    }

    String url() {
        return "http://localhost:" + server.port();
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        stopping.countDown();
        server.close();
    }
}
