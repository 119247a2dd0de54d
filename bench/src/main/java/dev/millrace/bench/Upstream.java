package dev.millrace.bench;

import dev.millrace.server.http.PlainHttp;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** The API that the server under test calls: cheap, with constant responses, in a separate process. */
final class Upstream {
    static final String GREETING = "The upstream is at ";

    private static final int ITEM_SIZE = 950;
    private static final byte[] ECHO = """
            {"id":"echo","name":"Echo","email":"echo@example.com","active":true,"tags":["one","two"],\
            "updated_at":"2026-01-01T08:00:00Z"}""".getBytes(StandardCharsets.UTF_8);
    private static final byte[] TOKEN = """
            {"access_token":"an-access-token-of-the-usual-length-0123456789","refresh_token":"a-refresh-token-of-the-usual-length",\
            "token_type":"bearer","expires_in":86400}""".getBytes(StandardCharsets.UTF_8);
    private static final String NOTE =
            "An item of the size that contacts, tickets and messages usually have. ".repeat(8);

    private static final AtomicInteger WAITING = new AtomicInteger();
    private static final AtomicInteger HOOKS = new AtomicInteger();
    private static final AtomicInteger HOOK_STATUS = new AtomicInteger(200);
    private static final CountDownLatch RELEASED = new CountDownLatch(1);

    private Upstream() {}

    /** Runs until it is killed. */
    static void run() throws InterruptedException {
        var server = new PlainHttp(
                0,
                List.of(
                        Route.get("/echo", _ -> json(ECHO)),
                        Route.get("/items", Upstream::items),
                        Route.post("/token", _ -> json(TOKEN)),
                        Route.get("/wait", Upstream::await),
                        Route.get(
                                "/waiting",
                                _ -> json(Integer.toString(WAITING.get()).getBytes(StandardCharsets.UTF_8))),
                        Route.get("/release", Upstream::release),
                        Route.post("/hook", Upstream::hook),
                        Route.get("/hook-answers", Upstream::hookAnswers),
                        Route.get(
                                "/hooks",
                                _ -> json(Integer.toString(HOOKS.get()).getBytes(StandardCharsets.UTF_8)))));
        System.out.println(GREETING + "http://127.0.0.1:" + server.port());
        Thread.currentThread().join();
    }

    /** Responds after a request to {@code /release}. */
    private static Response await(Request req) throws InterruptedException {
        WAITING.incrementAndGet();
        RELEASED.await();
        return json(ECHO);
    }

    private static Response release(Request req) {
        RELEASED.countDown();
        return json(ECHO);
    }

    /** An application's: counts what it gets. */
    private static Response hook(Request req) {
        req.body();
        HOOKS.incrementAndGet();
        return Response.empty(HOOK_STATUS.get());
    }

    private static Response hookAnswers(Request req) {
        HOOK_STATUS.set(req.queryTree().path("status").asInt(200));
        HOOKS.set(0);
        return json(ECHO);
    }

    private static Response items(Request req) {
        var query = req.queryTree();
        int after = query.path("after").asInt(0);
        int limit = query.path("limit").asInt(100);
        int total = query.path("total").asInt(1000);
        int last = Math.min(total, after + limit);
        var page = new StringBuilder(limit * ITEM_SIZE).append("{\"items\":[");
        for (int number = after + 1; number <= last; number++) {
            item(page, number).append(number == last ? "" : ",");
        }
        page.append("],\"next\":")
                .append(last == total ? "null" : "\"" + last + '"')
                .append('}');
        return json(page.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static StringBuilder item(StringBuilder page, int number) {
        return page.append("{\"id\":\"item-")
                .append(number)
                .append("\",\"name\":\"Item number ")
                .append(number)
                .append("\",\"email\":\"item.")
                .append(number)
                .append("@example.com\",\"amount\":")
                .append(number % 1000)
                .append(",\"active\":")
                .append(number % 3 == 0)
                .append(",\"updated_at\":\"2026-01-01T08:00:00Z\",\"tags\":[\"first\",\"second\",\"third\"]")
                .append(",\"address\":{\"street\":\"Mill Lane ")
                .append(number % 100)
                .append("\",\"city\":\"Riverside\",\"country\":\"NL\"},\"note\":\"")
                .append(NOTE)
                .append("\"}");
    }

    private static Response json(byte[] json) {
        return new Response.Bytes(200, "application/json", json);
    }
}
