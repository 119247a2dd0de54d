package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/** A server whose routes tell what they were asked. */
final class EchoServer implements AutoCloseable {
    static final int BODY_LIMIT = 1_000_000;

    final CountDownLatch held = new CountDownLatch(1);
    final Http http;

    EchoServer() {
        this(HttpLimits.USUAL);
    }

    EchoServer(HttpLimits limits) {
        this(new HttpConfig("127.0.0.1", 0, BODY_LIMIT, Duration.ofSeconds(1)).withLimits(limits));
    }

    EchoServer(HttpConfig config) {
        var routes = new ArrayList<Route>();
        for (var method : List.of("GET", "POST", "PATCH")) {
            routes.add(new Route(method, "/x", List.of(), true, EchoServer::echo));
        }
        routes.add(Route.get("/p/{rest...}", EchoServer::echo));
        routes.add(Route.get("/health", _ -> Response.success()).whateverTheLoad());
        routes.add(Route.get("/origin", request -> {
            var origin = request.origin();
            return Response.ok(Json.object()
                    .put("client", origin.client().getHostAddress())
                    .put("url", origin.scheme() + "://" + origin.authority())
                    .put("seen", request.headers().keySet().toString()));
        }));
        routes.add(Route.post("/json", request -> Response.ok(request.json())));
        routes.add(Route.post(
                "/size",
                request -> Response.ok(Json.object().put("size", request.json().size()))));
        routes.add(Route.get(
                "/text/{size}",
                request -> Response.ok(Json.object()
                        .put("text", "text ".repeat(Integer.parseInt(request.variable("size")) / 5)))));
        routes.add(Route.get("/held", _ -> {
            held.await();
            return Response.success();
        }));
        routes.add(Route.get("/broken", _ -> {
            throw new IllegalStateException("on purpose");
        }));
        routes.add(Route.get("/socket", _ -> new Response.Upgraded(new Talker())));
        http = new Http(config, _ -> new Caller(1, new UUID(0, 1), "dev", "key", Set.of("environment:*")), routes);
    }

    private static Response echo(Request request) {
        var query = request.rawQuery();
        var told = request.method()
                + ' '
                + request.rawPath()
                + (query.isEmpty() ? "" : '?' + query)
                + ' '
                + new String(request.body(), ISO_8859_1);
        return Response.ok(Json.object().put("asked", told.strip()));
    }

    /** Says every word again. */
    private static final class Talker implements WebSocket.Listener {
        @Override
        public void opened(WebSocket socket) {
            socket.send("hello");
        }

        @Override
        public void text(WebSocket socket, String message) {
            if (message.equals("bye")) {
                socket.close(1000, "bye");
            } else {
                socket.send(message + ' ' + message);
            }
        }
    }

    RawClient connect() throws java.io.IOException {
        return new RawClient(http.port());
    }

    @Override
    public void close() {
        held.countDown();
        http.close();
    }
}
