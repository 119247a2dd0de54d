package dev.millrace.server.http;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A small server on the loopback device without the rules of the API. */
public final class PlainHttp implements AutoCloseable {
    private static final Duration LAST_ANSWERS = Duration.ZERO;

    private final Router router;
    private final Listener listener;

    /** Starts listening; port 0 picks a free one. */
    public PlainHttp(int port, List<Route> routes) {
        router = new Router(routes);
        var config = new HttpConfig("127.0.0.1", port, HttpConfig.DEFAULT_BODY_LIMIT, LAST_ANSWERS);
        listener = new Listener(config, this::answer);
    }

    private Response answer(Exchange exchange) throws InterruptedException {
        var match = router.find(exchange.method(), exchange.path())
                .orElseThrow(() -> Failure.plain(404, "not_found", "There is nothing at " + exchange.path() + "."));
        return match.route().handler().handle(new Request(exchange, match.variables(), Optional.empty()));
    }

    public int port() {
        return listener.port();
    }

    @Override
    public void close() {
        listener.close();
    }
}
