package dev.millrace.server.testkit;

import dev.millrace.server.http.PlainHttp;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private final PlainHttp server =
            new PlainHttp(0, List.of(Route.any("/{path...}", this::serve), Route.any("/", this::serve)));
    private final Further further;
    private volatile int heldFrom = Integer.MAX_VALUE;
    private volatile CountDownLatch open = new CountDownLatch(0);

    /** Serves paths that this API does not know. */
    @FunctionalInterface
    public interface Further {
        /** Nothing for a path that this one does not know either. */
        Optional<Response> serve(String path, Request req);
    }

    public MockApi() {
        this((_, _) -> Optional.empty());
    }

    public MockApi(Further further) {
        this.further = further;
    }

    /** Its address, without a slash at the end. */
    public String url() {
        return "http://127.0.0.1:" + server.port();
    }

    /** Pages from this cursor on are not answered until {@link #release}. */
    public void hold(int cursor) {
        cursors.clear();
        open = new CountDownLatch(1);
        heldFrom = cursor;
    }

    public void release() {
        heldFrom = Integer.MAX_VALUE;
        open.countDown();
    }

    /** The cursors of the pages asked for since the last {@link #hold}, in order. */
    public List<Integer> cursors() {
        return List.copyOf(cursors);
    }

    public void forgetCursors() {
        cursors.clear();
    }

    private Response serve(Request req) throws InterruptedException {
        var path = req.rawPath();
        if (path.startsWith("/status/")) {
            return status(Integer.parseInt(path.substring("/status/".length())));
        }
        if (path.equals("/") || path.equals("/echo") || path.startsWith("/echo/")) {
            return echo(req);
        }
        return switch (path) {
            case "/text" -> {
                var headers = Map.of("Content-Type", List.of("text/plain"), "X-Up", List.of("yes"));
                yield new Response.Bytes(200, headers, "plain text".getBytes(StandardCharsets.UTF_8));
            }
            case "/bin" ->
                new Response.Bytes(200, "application/octet-stream", new byte[] {0, 1, 2, (byte) 0xff, (byte) 0xfe});
            case "/redirect" -> new Response.Empty(302, Map.of("Location", List.of("/redirected")));
            case "/redirected" -> json(RawClient.JSON.createObjectNode().put("ok", true));
            case "/nocontent" -> Response.empty(204);
            case "/items" -> items(req);
            default -> further.serve(path, req).orElseGet(() -> status(404));
        };
    }

    private static Response status(int status) {
        var body = RawClient.JSON.createObjectNode().put("error", "upstream").put("status", status);
        var headers = Map.of("X-RateLimit-Remaining", List.of("0"), "Retry-After", List.of("1"));
        return json(status, headers, body);
    }

    private static Response echo(Request req) {
        var query = req.rawQuery();
        var answer = RawClient.JSON
                .createObjectNode()
                .put("method", req.method())
                .put("url", req.rawPath() + (query.isEmpty() ? "" : "?" + query));
        var headers = answer.putObject("headers");
        req.headers().forEach((name, values) -> headers.put(name, String.join(", ", values)));
        answer.put("body", new String(req.body(), StandardCharsets.UTF_8));
        return json(answer);
    }

    private Response items(Request req) throws InterruptedException {
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
        return json(end < total ? answer.put("next", end) : answer.putNull("next"));
    }

    private static int number(Request req, String name, int otherwise) {
        return req.queryTree().path(name).asInt(otherwise);
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

    private static Response json(ObjectNode body) {
        return json(200, Map.of(), body);
    }

    private static Response json(int status, Map<String, List<String>> headers, ObjectNode body) {
        var all = new HashMap<>(headers);
        all.put("Content-Type", List.of("application/json"));
        return new Response.Bytes(status, all, body.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        release();
        server.close();
    }
}
