package dev.millrace.server.outbound;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/** The HTTP client for all outgoing calls. Every request is checked by the address guard. Thread-safe. */
public final class Outbound implements AutoCloseable {
    /** These methods send a content-length of 0 when there is no body, because some servers require it. */
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

    private final AddressGuard guard;
    private final Connections connections;
    private final Deadlines deadlines;
    private final Limits limits;
    private final @Nullable ForwardProxy proxy;
    private final Set<String> retryableErrors;

    public Outbound(OutboundConfig config) {
        this(config, new AddressGuard(config.reach()));
    }

    Outbound(OutboundConfig config, AddressGuard guard) {
        this.guard = guard;
        proxy = config.httpsProxy()
                .map(uri -> new ForwardProxy(uri, config.noProxy()))
                .orElse(null);
        connections = new Connections(config, guard, proxy);
        deadlines = new Deadlines(connections);
        limits = config.limits();
        retryableErrors = config.retryableErrors();
    }

    /** Refuses a URL that may not be called, as far as that is known without a DNS query. */
    public void check(Url url) {
        guard.check(url);
    }

    /**
     * The reason why a text cannot be the URL of calls, as far as that is known without a DNS query; empty when there
     * is none.
     */
    public Optional<String> refusal(String address) {
        try {
            check(Url.parse(address));
            return Optional.empty();
        } catch (OutboundFailure failure) {
            return Optional.of(requireNonNull(failure.getMessage()));
        }
    }

    /** Whether a retry may succeed after this failure. */
    public boolean retryable(OutboundFailure failure) {
        return NetworkErrors.retryable(failure) || retryableErrors.contains(failure.code());
    }

    /**
     * Sends one request and waits for the headers of the response. Redirects are not followed. An interrupt of the
     * (virtual) thread closes the connection at once.
     *
     * @throws OutboundFailure when there is no response
     */
    public OutboundAnswer send(Outgoing request) throws InterruptedException {
        guard.check(request.uri());
        boolean proxied = connections.proxied(request.uri());
        if (proxied || (proxy != null && proxy.is(request.uri().bareHost()))) {
            // The connection leads to the proxy, whose address is not checked.
            checkResolved(request.uri());
        }
        var message = message(request, proxied && !request.uri().secure());
        var route = connections.route(request.uri());
        for (; ; ) {
            var answer = attempt(request, message, route);
            if (answer != null) {
                return answer;
            }
        }
    }

    /** The proxy may be able to resolve a name that this machine cannot. */
    private void checkResolved(Url url) {
        try {
            guard.resolve(url.bareHost());
        } catch (UnknownHostException _) {
            // Without a proxy, the name is resolved and checked when the connection is opened.
        }
    }

    /** Null when a pooled connection turned out to be unusable. Each attempt removes one of them from the pool. */
    private @Nullable OutboundAnswer attempt(Outgoing request, ClassicHttpRequest message, HttpRoute route)
            throws InterruptedException {
        var exchange = new Exchange(
                connections, deadlines, limits, route, request.certificate().orElse(null));
        try {
            exchange.connect();
            return answer(request, exchange.send(message, request.timeout()), exchange);
        } catch (StaleConnection e) {
            exchange.cancel();
            if (exchange.late()) {
                throw exchange.failure(e, request.uri());
            }
            return null;
        } catch (IOException | HttpException | RuntimeException e) {
            exchange.cancel();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw exchange.failure(e, request.uri());
        }
    }

    private ClassicHttpRequest message(Outgoing request, boolean absolute) {
        var url = request.uri();
        // The parts are passed separately, because parsing the URL again would encode them again.
        var message = new BasicClassicHttpRequest(
                request.method(), url.scheme(), new URIAuthority(url.bareHost(), url.port()), url.target());
        message.setAbsoluteRequestUri(absolute);
        message.addHeader("Host", url.authority());
        Headers.write(request, message);
        if (absolute) {
            connections.proxyAuthorization().ifPresent(value -> message.addHeader("Proxy-Authorization", value));
        }
        if (request.body().length() > 0 || WITH_BODY.contains(request.method())) {
            message.addHeader("Content-Length", String.valueOf(request.body().length()));
        }
        if (request.body().length() > 0) {
            message.setEntity(entity(request.body()));
        }
        return message;
    }

    private static HttpEntity entity(Payload body) {
        return new EntityTemplate(body.length(), null, null, out -> {
            try (var in = body.open()) {
                in.transferTo(out);
            }
        });
    }

    private static OutboundAnswer answer(Outgoing request, ClassicHttpResponse response, Exchange exchange)
            throws IOException, BrokenAnswer {
        var headers = Headers.read(response);
        var entity = response.getEntity();
        length(headers, entity == null ? null : entity.getContentLength());
        var rest = Framing.rest(response);
        var body = body(request.uri(), entity, exchange, rest);
        var encoding = entity == null ? Optional.<Decoded.Encoding>empty() : encoding(headers);
        if (encoding.isPresent()) {
            body = new Decoded(body, encoding.get());
            headers.remove("content-encoding");
            headers.remove("content-length");
        }
        var reason = response.getReasonPhrase();
        return new OutboundAnswer(request.uri(), response.getCode(), reason == null ? "" : reason, headers, body);
    }

    private static InputStream body(Url url, @Nullable HttpEntity entity, Exchange exchange, Optional<TimeValue> rest)
            throws IOException {
        if (entity != null && entity.getContentLength() != 0) {
            return new AnswerBody(entity.getContent(), entity.getContentLength(), exchange, url, rest);
        }
        rest.ifPresentOrElse(exchange::done, exchange::cancel);
        return InputStream.nullInputStream();
    }

    /** At most one valid length: some servers repeat it, or send one together with chunks. */
    private static void length(Map<String, List<String>> headers, @Nullable Long length) {
        var told = headers.get("content-length");
        if (told != null) {
            var known = length == null ? Framing.length(told.getFirst()).orElse(-1L) : length;
            if (known < 0) {
                headers.remove("content-length");
            } else {
                headers.put("content-length", List.of(String.valueOf(known)));
            }
        }
    }

    private static Optional<Decoded.Encoding> encoding(Map<String, List<String>> headers) {
        var values = headers.get("content-encoding");
        return values == null ? Optional.empty() : Decoded.Encoding.of(values.getLast());
    }

    @Override
    public void close() {
        deadlines.close();
        connections.close();
    }
}
