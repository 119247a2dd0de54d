package dev.millrace.server.http;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server: listens, applies the rules for all requests, and calls the routes. */
public final class Http implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Http.class);
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(3);

    private final Router router;
    private final Authenticator authenticator;
    private final HttpConfig config;
    private final Listener listener;

    /** Starts listening. */
    public Http(HttpConfig config, Authenticator authenticator, List<Route> routes) {
        this.config = config;
        this.authenticator = authenticator;
        this.router = new Router(routes);
        this.listener = new Listener(config, new Api());
    }

    public int port() {
        return listener.port();
    }

    private final class Api implements Site {
        private static final HttpField ANY_ORIGIN = new PreEncodedHttpField("Access-Control-Allow-Origin", "*");
        private static final HttpField EXPOSED = new PreEncodedHttpField(
                "Access-Control-Expose-Headers",
                "Authorization, Etag, Content-Type, Content-Length, X-Nango-Signature, X-RateLimit-Limit,"
                        + " X-RateLimit-Remaining, X-RateLimit-Reset");
        private static final Map<String, List<String>> PREFLIGHT = Map.of(
                "Access-Control-Allow-Methods", List.of("GET,HEAD,PUT,PATCH,POST,DELETE"),
                "Access-Control-Allow-Headers",
                        List.of("Authorization, Content-Type, Accept, Origin, X-Requested-With, Nango-Logs-Log-Id,"
                                + " Nango-Is-Dry-Run, Nango-Is-Sync, Provider-Config-Key, Connection-Id, Sentry-Trace,"
                                + " Baggage"),
                "Access-Control-Max-Age", List.of("600"));

        /** CORS: any origin may read responses. */
        @Override
        public void prepare(HttpFields.Mutable headers) {
            headers.put(ANY_ORIGIN);
            headers.put(EXPOSED);
        }

        @Override
        public boolean vital(Exchange exchange) {
            return router.find(exchange.method(), exchange.path())
                    .filter(match -> match.route().vital())
                    .isPresent();
        }

        @Override
        public Response answer(Exchange exchange) throws InterruptedException {
            return exchange.method().equals("OPTIONS") ? new Response.Empty(204, PREFLIGHT) : routed(exchange);
        }
    }

    private Response routed(Exchange exchange) throws InterruptedException {
        var match = router.find(exchange.method(), exchange.path()).orElse(null);
        if (match == null) {
            throw Failure.plain(
                    404, "not_found", "No endpoint answers " + exchange.method() + " " + exchange.path() + ".");
        }
        var route = match.route();
        if (!route.anyContentType()) {
            checkContentType(exchange);
        }
        if (exchange.request().getLength() > config.bodyLimit()) {
            throw Body.tooLarge(config.bodyLimit());
        }
        return route.handler().handle(new Request(exchange, match.variables(), authenticate(exchange, route)));
    }

    private static void checkContentType(Exchange exchange) {
        var type = exchange.header(HttpHeader.CONTENT_TYPE);
        if (type.isPresent() && !type.get().toLowerCase(Locale.ROOT).startsWith("application/json")) {
            throw Failure.plain(415, "invalid_content_type", "Content-Type header must be application/json");
        }
    }

    private Optional<Caller> authenticate(Exchange exchange, Route route) {
        if (route.scopes().isEmpty()) {
            return Optional.empty();
        }
        var caller = authenticator.authenticate(exchange.header(HttpHeader.AUTHORIZATION));
        if (route.scopes().contains(Route.ANY_KEY)) {
            if (!caller.hasEnvironment()
                    || (caller.may(Route.CONNECT_SESSION) && !route.takes(Route.CONNECT_SESSION))) {
                throw Failure.plain(403, "forbidden", "This needs an API key of an environment.");
            }
        } else if (route.scopes().stream().noneMatch(caller::may)) {
            var wanted = route.scopes().stream()
                    .filter(scope -> !scope.equals(Route.CONNECT_SESSION))
                    .map(s -> '"' + s + '"')
                    .collect(Collectors.joining(" or "));
            throw Failure.plain(403, "forbidden", "This API key lacks the scope " + wanted + ".");
        }
        return Optional.of(caller);
    }

    /** Responds with 503 to all further requests. */
    public void refuse() {
        listener.refuse();
    }

    /** Waits until no request is in progress; false on timeout. */
    public boolean awaitIdle(Duration longest) throws InterruptedException {
        return listener.awaitIdle(longest);
    }

    /** Stops listening. Requests in progress are ended after a short time. */
    @Override
    public void close() {
        refuse();
        try {
            if (!awaitIdle(LAST_ANSWERS)) {
                LOG.warn("some requests were cut off");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        listener.close();
    }
}
