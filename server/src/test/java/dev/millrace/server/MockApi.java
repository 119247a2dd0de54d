package dev.millrace.server;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import tools.jackson.databind.node.ObjectNode;

/**
 * The provider that functions and the proxy are pointed at; {@code contract/README.md} says what it answers. It can
 * hold back pages of items, so that a test catches a sync in the middle.
 */
public final class MockApi implements AutoCloseable {
    private static final Instant FIRST_UPDATE = Instant.parse("2023-11-14T22:13:20Z");

    private final List<Integer> cursors = new CopyOnWriteArrayList<>();
    private final WebServer server = WebServer.builder()
            .address(InetAddress.getLoopbackAddress())
            .port(0)
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ZERO)
            .addProtocol(Http1Config.builder().validatePrologue(false).build())
            .routing(routing -> routing.any(this::serve))
            .build()
            .start();
    private final Further further;
    private volatile int heldFrom = Integer.MAX_VALUE;
    private volatile CountDownLatch open = new CountDownLatch(0);

    /** Serves paths that this API does not know. */
    @FunctionalInterface
    interface Further {
        /** False for a path that this one does not know either. */
        boolean serve(String path, ServerRequest req, ServerResponse res);
    }

    public MockApi() {
        this((_, _, _) -> false);
    }

    MockApi(Further further) {
        this.further = further;
    }

    /** Its address, without a slash at the end. */
    public String url() {
        return "http://127.0.0.1:" + server.port();
    }

    /** Pages from this cursor on are not answered until {@link #release}. */
    void hold(int cursor) {
        cursors.clear();
        open = new CountDownLatch(1);
        heldFrom = cursor;
    }

    void release() {
        heldFrom = Integer.MAX_VALUE;
        open.countDown();
    }

    /** The cursors of the pages asked for since the last {@link #hold}, in order. */
    List<Integer> cursors() {
        return List.copyOf(cursors);
    }

    void forgetCursors() {
        cursors.clear();
    }

    private void serve(ServerRequest req, ServerResponse res) throws InterruptedException {
        var path = req.path().absolute().rawPath();
        if (path.startsWith("/status/")) {
            status(Integer.parseInt(path.substring("/status/".length())), res);
        } else if (path.equals("/") || path.equals("/echo") || path.startsWith("/echo/")) {
            echo(req, res);
        } else {
            fixed(path, req, res);
        }
    }

    private void fixed(String path, ServerRequest req, ServerResponse res) throws InterruptedException {
        switch (path) {
            case "/text" ->
                res.header("Content-Type", "text/plain").header("X-Up", "yes").send("plain text");
            case "/bin" ->
                res.header("Content-Type", "application/octet-stream")
                        .send(new byte[] {0, 1, 2, (byte) 0xff, (byte) 0xfe});
            case "/redirect" ->
                res.status(302).header("Location", "/redirected").send();
            case "/redirected" -> json(res, RawClient.JSON.createObjectNode().put("ok", true));
            case "/nocontent" -> res.status(204).send();
            case "/items" -> items(req, res);
            default -> {
                if (!further.serve(path, req, res)) {
                    status(404, res);
                }
            }
        }
    }

    private static void status(int status, ServerResponse res) {
        res.status(status).header("X-RateLimit-Remaining", "0").header("Retry-After", "1");
        json(res, RawClient.JSON.createObjectNode().put("error", "upstream").put("status", status));
    }

    private static void echo(ServerRequest req, ServerResponse res) {
        var method = req.prologue().method().text();
        var query = req.query().rawValue();
        var answer = RawClient.JSON
                .createObjectNode()
                .put("method", method)
                .put("url", req.path().absolute().rawPath() + (query.isEmpty() ? "" : "?" + query));
        var headers = answer.putObject("headers");
        req.headers()
                .forEach(header -> headers.put(header.headerName().lowerCase(), String.join(", ", header.allValues())));
        answer.put("body", req.content().hasEntity() ? req.content().as(String.class) : "");
        if (method.equals("HEAD")) {
            res.header(HeaderNames.CONTENT_TYPE, "application/json").send();
        } else {
            json(res, answer);
        }
    }

    private void items(ServerRequest req, ServerResponse res) throws InterruptedException {
        int cursor = number(req, "cursor", 0);
        int total = number(req, "total", 0);
        cursors.add(cursor);
        if (cursor >= heldFrom) {
            open.await();
        }
        int end = Math.min(cursor + number(req, "limit", 100), total);
        var answer = RawClient.JSON.createObjectNode();
        var items = answer.putArray("items");
        for (int i = cursor; i < end; i++) {
            items.add(item(i, number(req, "rev", 0)));
        }
        json(res, end < total ? answer.put("next", end) : answer.putNull("next"));
    }

    private static int number(ServerRequest req, String name, int otherwise) {
        return req.query().first(name).map(Integer::parseInt).orElse(otherwise);
    }

    private static ObjectNode item(int i, int revision) {
        var item = RawClient.JSON
                .createObjectNode()
                .put("id", "item-" + i)
                .put("name", "Item number " + i + " rev " + revision)
                .put("email", "user" + i + "@example.com")
                .put("score", i * 919 % 1000);
        item.putArray("tags").add("alpha").add("beta").add("t" + i % 10);
        return item.put("updated_at", FIRST_UPDATE.plusSeconds(i).toString().replace("Z", ".000Z"));
    }

    private static void json(ServerResponse res, ObjectNode body) {
        res.header(HeaderNames.CONTENT_TYPE, "application/json")
                .send(body.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        release();
        server.stop();
    }
}
