package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.HexFormat;
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
    private final WebServer server;

    FakeProvider() {
        server = WebServer.builder()
                .address(InetAddress.getLoopbackAddress())
                .port(0)
                .shutdownHook(false)
                .addProtocol(Http1Config.builder().validatePrologue(false).build())
                .routing(this::routes)
                .build()
                .start();
    }

    private void routes(HttpRouting.Builder routing) {
        routing.any("/status/{status}", this::status)
                .any("/redirect/{status}", this::redirect)
                .any(
                        "/loop",
                        (_, res) -> res.status(302).header("location", "/loop").send())
                .get("/compressed/{encoding}", FakeProvider::compressed)
                .get("/never", (_, res) -> {
                    stopping.await();
                    res.send();
                })
                .get("/bytes", (_, res) -> bytes(res))
                .get(
                        "/unchanged",
                        (_, res) -> res.status(304).header("etag", "\"1\"").send())
                .get("/endless", (_, res) -> endless(res))
                .get("/refusal", (req, res) -> {
                    var key =
                            req.headers().first(HeaderNames.create("x-api-key")).orElse("");
                    res.status(422).header("content-type", "application/json");
                    res.send("{\"wrong\":\"" + key + "\",\"long\":\"" + "x".repeat(20_000) + "\"}");
                })
                .get("/nocontent", (_, res) -> res.status(204).send())
                .any("/rate/{remaining}", (req, res) -> {
                    calls.incrementAndGet();
                    res.header("x-left", req.path().pathParameters().get("remaining"));
                    res.header("x-wait", "2.5");
                    res.status(403).send("no");
                })
                .any("/in-body", (_, res) -> {
                    calls.incrementAndGet();
                    res.status(429).header("content-type", "application/json").send("{\"e\":\"wait 7 s\"}");
                })
                .any(this::echo);
    }

    private void echo(ServerRequest req, ServerResponse res) {
        calls.incrementAndGet();
        var told = told(req);
        res.header("content-type", "application/json")
                .header("x-up", "yes")
                .header("access-control-allow-origin", "theirs");
        res.send(Json.bytes(told));
    }

    private static ObjectNode told(ServerRequest req) {
        var query = req.query().rawValue();
        var told = Json.object()
                .put("method", req.prologue().method().text())
                .put("url", req.path().rawPath() + (query.isEmpty() ? "" : '?' + query));
        var headers = told.putObject("headers");
        req.headers().forEach(header -> headers.put(header.headerName().lowerCase(), header.get()));
        told.put("body", req.content().hasEntity() ? req.content().as(String.class) : "");
        return told;
    }

    private void status(ServerRequest req, ServerResponse res) {
        calls.incrementAndGet();
        int status = Integer.parseInt(req.path().pathParameters().get("status"));
        res.status(status).header("retry-after", "1").send("status " + status);
    }

    private void redirect(ServerRequest req, ServerResponse res) {
        int status = Integer.parseInt(req.path().pathParameters().get("status"));
        var to = req.query().first("to").orElse("/landed");
        res.status(status).header("location", to).send();
    }

    /** The same text by each of the encodings that calls accept. */
    private static void compressed(ServerRequest req, ServerResponse res) {
        var encoding = req.path().pathParameters().get("encoding");
        var bytes = switch (encoding) {
            case "gzip" -> written(GZIPOutputStream::new);
            case "deflate" -> written(DeflaterOutputStream::new);
            // "in the clear": these two the JDK reads by no class of its own.
            case "br" -> HexFormat.of().parseHex("1b0b00f8a5d2dc629250c93d02");
            default -> HexFormat.of().parseHex("1f9d9069dc80a083a60c88316cca849103");
        };
        res.header("content-encoding", encoding)
                .header("content-type", "text/plain")
                .send(bytes);
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
    private static void bytes(ServerResponse res) {
        res.header(HeaderNames.CONTENT_LENGTH, String.valueOf(MANY))
                .header("connection", "x-hop")
                .header("x-hop", "1");
        var all = new byte[256 * 1024];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (i + i / 256);
        }
        try (var out = res.outputStream()) {
            for (int sent = 0; sent < MANY; sent += all.length) {
                out.write(all);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void endless(ServerResponse res) {
        res.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
        var line = "data: tick\n\n".repeat(1000).getBytes(UTF_8);
        try (var out = res.outputStream()) {
            for (; ; ) {
                out.write(line);
                out.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            brokenOff.countDown();
        }
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
        server.stop();
    }
}
