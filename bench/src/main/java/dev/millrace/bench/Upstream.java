package dev.millrace.bench;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** The API that the server under test calls: cheap, always the same, a process of its own. */
final class Upstream {
    static final String GREETING = "The upstream is at ";

    private static final Header IS_JSON = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");
    private static final int ITEM_SIZE = 950;
    private static final byte[] ECHO = """
            {"id":"echo","name":"Echo","email":"echo@example.com","active":true,"tags":["one","two"],\
            "updated_at":"2026-01-01T08:00:00Z"}""".getBytes(StandardCharsets.UTF_8);
    private static final String NOTE =
            "An item of the size that contacts, tickets and messages usually have. ".repeat(8);

    private static final AtomicInteger WAITING = new AtomicInteger();
    private static final CountDownLatch RELEASED = new CountDownLatch(1);

    private Upstream() {}

    /** Runs until it is killed. */
    static void run() throws InterruptedException {
        var server = WebServer.builder()
                .address(InetAddress.getLoopbackAddress())
                .connectionOptions(options -> options.tcpNoDelay(true))
                .shutdownHook(false)
                .routing(routes -> routes.get("/echo", (_, res) -> send(res, ECHO))
                        .get("/items", Upstream::items)
                        .get("/wait", Upstream::await)
                        .get("/waiting", (_, res) -> res.send(Integer.toString(WAITING.get())))
                        .get("/release", Upstream::release))
                .build()
                .start();
        System.out.println(GREETING + "http://127.0.0.1:" + server.port());
        Thread.currentThread().join();
    }

    /** Answers when somebody asks for {@code /release}. */
    private static void await(ServerRequest req, ServerResponse res) throws InterruptedException {
        WAITING.incrementAndGet();
        RELEASED.await();
        send(res, ECHO);
    }

    private static void release(ServerRequest req, ServerResponse res) {
        RELEASED.countDown();
        send(res, ECHO);
    }

    private static void items(ServerRequest req, ServerResponse res) {
        var query = req.query();
        int after = Integer.parseInt(query.first("after").orElse("0"));
        int limit = Integer.parseInt(query.first("limit").orElse("100"));
        int total = Integer.parseInt(query.first("total").orElse("1000"));
        int last = Math.min(total, after + limit);
        var page = new StringBuilder(limit * ITEM_SIZE).append("{\"items\":[");
        for (int number = after + 1; number <= last; number++) {
            item(page, number).append(number == last ? "" : ",");
        }
        page.append("],\"next\":")
                .append(last == total ? "null" : "\"" + last + '"')
                .append('}');
        send(res, page.toString().getBytes(StandardCharsets.UTF_8));
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

    private static void send(ServerResponse res, byte[] json) {
        res.header(IS_JSON).send(json);
    }
}
