package dev.millrace.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** A provider that answers some requests only once it is told to. */
final class HeldApi implements AutoCloseable {
    static final String HELD_PAGE = "/page/5";
    static final String HELD_CALL = "/call";

    private final HttpServer server;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile CountDownLatch released = new CountDownLatch(1);

    HeldApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The paths asked for, in order. */
    List<String> asked() {
        return List.copyOf(asked);
    }

    /** From now on. */
    void hold() {
        released = new CountDownLatch(1);
    }

    void release() {
        released.countDown();
    }

    private void answer(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        asked.add(path);
        try (exchange) {
            if (path.equals(HELD_PAGE) || path.equals(HELD_CALL)) {
                released.await();
            }
            var body = ("{\"path\":\"" + path + "\"}").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        release();
        server.stop(0);
    }
}
