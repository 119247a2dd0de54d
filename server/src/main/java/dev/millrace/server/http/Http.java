package dev.millrace.server.http;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The door of the HTTP room: listens, checks the global rules of http-api §1, dispatches, maps errors. */
public final class Http implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Http.class);
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(3);

    private final WebServer server;
    private final Router router;
    private final Authenticator authenticator;
    private final HttpConfig config;
    private final Semaphore inFlight = new Semaphore(Integer.MAX_VALUE);
    private volatile boolean stopping;

    /** Starts listening. */
    public Http(HttpConfig config, Authenticator authenticator, List<Route> routes) {
        this.config = config;
        this.authenticator = authenticator;
        this.router = new Router(routes);
        this.server = WebServer.builder()
                .address(address(config.host()))
                .port(config.port())
                // Else the end of a longer answer waits 40 ms for the client to confirm the beginning.
                .connectionOptions(options -> options.tcpNoDelay(true))
                .shutdownHook(false)
                .protocolsDiscoverServices(false)
                .addConnectionSelector(new WatchedConnections(protocol()))
                // Helidon would wait this long for idle connections too; close() waits for requests instead.
                .shutdownGracePeriod(Duration.ZERO)
                .routing(routing -> routing.any(this::serve))
                .build()
                .start();
    }

    private static ServerConnectionSelector protocol() {
        // Clients send brackets in queries unencoded (http-api §1.1); the check would refuse them.
        var config = Http1Config.builder().validatePrologue(false).build();
        return Http1ConnectionSelector.builder().config(config).build();
    }

    private static InetAddress address(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("The host '" + host + "' to listen on is unknown.", e);
        }
    }

    public int port() {
        return server.port();
    }

    private void serve(ServerRequest req, ServerResponse res) {
        if (stopping || !inFlight.tryAcquire()) {
            new Responder(req, res).send(Errors.answer(stopping()));
            return;
        }
        try {
            respond(req, res);
        } finally {
            inFlight.release();
        }
    }

    private static Failure stopping() {
        return Failure.plain(503, "server_error", "The server is shutting down.");
    }

    private void respond(ServerRequest req, ServerResponse res) {
        var responder = new Responder(req, res);
        if (req.prologue().method().text().equals("OPTIONS")) {
            responder.preflight();
            return;
        }
        try {
            responder.send(answer(req));
        } catch (Failure failure) {
            responder.send(Errors.answer(failure));
        } catch (InterruptedException e) {
            if (ClientWatch.CURRENT.get().left()) {
                throw new CloseConnectionException("The client has left", e);
            }
            Thread.currentThread().interrupt();
            responder.send(Errors.answer(stopping()));
        } catch (RuntimeException e) {
            if (responder.broken(e)) {
                throw new CloseConnectionException("The answer broke off", e);
            }
            unexpected(req, responder, e);
        }
    }

    private Answer answer(ServerRequest req) throws InterruptedException {
        var method = req.prologue().method().text();
        var path = req.path().absolute().rawPath();
        var match = router.find(method, path).orElse(null);
        if (match == null) {
            throw Failure.plain(404, "not_found", "No endpoint answers " + method + " " + path + ".");
        }
        var route = match.route();
        if (!route.anyContentType()) {
            checkContentType(req);
        }
        var declared = req.headers().contentLength().orElse(0);
        if (declared > config.bodyLimit()) {
            throw Request.tooLarge(config.bodyLimit());
        }
        return route.handler()
                .handle(new Request(req, match.variables(), authenticate(req, route), config.bodyLimit()));
    }

    private static void checkContentType(ServerRequest req) {
        var type = req.headers().first(io.helidon.http.HeaderNames.CONTENT_TYPE);
        if (type.isPresent() && !type.get().toLowerCase(Locale.ROOT).startsWith("application/json")) {
            throw Failure.plain(415, "invalid_content_type", "Content-Type header must be application/json");
        }
    }

    private Optional<Caller> authenticate(ServerRequest req, Route route) {
        if (route.scopes().isEmpty()) {
            return Optional.empty();
        }
        var caller = authenticator.authenticate(req.headers().first(io.helidon.http.HeaderNames.AUTHORIZATION));
        if (!route.scopes().contains(Route.ANY_KEY) && route.scopes().stream().noneMatch(caller::may)) {
            var wanted = route.scopes().stream().map(s -> '"' + s + '"').collect(Collectors.joining(" or "));
            throw Failure.plain(403, "forbidden", "This API key lacks the scope " + wanted + ".");
        }
        return Optional.of(caller);
    }

    private static void unexpected(ServerRequest req, Responder responder, RuntimeException e) {
        var id = UUID.randomUUID().toString();
        log.error("{} {} failed; id {}", req.prologue().method(), req.path().rawPath(), id, e);
        var body = Json.object();
        body.putObject("error")
                .put("message", "An unexpected error occurred. Its id in the server's log is " + id + ".")
                .put("code", "generic_error_support")
                .put("payload", id);
        responder.send(new Answer.Whole(500, Map.of(), Json.bytes(body)));
    }

    /** Answers further requests with 503. */
    public void refuse() {
        stopping = true;
    }

    /** Waits until no request is under way; false when the time is over first. */
    public boolean awaitIdle(Duration patience) throws InterruptedException {
        if (!inFlight.tryAcquire(Integer.MAX_VALUE, patience.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        inFlight.release(Integer.MAX_VALUE);
        return true;
    }

    /** Stops listening; requests under way are cut off after a moment. */
    @Override
    public void close() {
        refuse();
        try {
            if (!awaitIdle(LAST_ANSWERS)) {
                log.warn("some requests were cut off");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        server.stop();
    }
}
