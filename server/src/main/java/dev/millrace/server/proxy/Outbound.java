package dev.millrace.server.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The one way out of this server: every request passes the address guard. Thread-safe. */
public final class Outbound implements AutoCloseable {
    /** Those which the client sets by itself and lets nobody else set. */
    private static final Set<String> RESERVED = Set.of("connection", "content-length", "expect", "host", "upgrade");

    private final AddressGuard guard;
    private final @Nullable ProxyChoice proxy;
    private final HttpClients clients;
    private final Set<String> retryableErrors;

    public Outbound(OutboundConfig config) {
        guard = new AddressGuard(config.allowLoopback());
        proxy = config.httpsProxy()
                .map(uri -> new ProxyChoice(uri, config.noProxy()))
                .orElse(null);
        clients = new HttpClients(config, proxy);
        retryableErrors = config.retryableErrors();
    }

    /** Refuses an address that may not be called, as far as that shows without asking the DNS. */
    public void check(URI uri) {
        guard.checkLiteral(uri);
    }

    /** Whether a call that failed so may succeed when it is repeated (proxy §7). */
    boolean retryable(ProxyFailure failure) {
        return NetworkErrors.retryable(failure) || retryableErrors.contains(failure.code());
    }

    /**
     * Sends one request and waits for the answer's headers; redirects are answers like any other. Interrupting the
     * thread cancels the request.
     */
    public ProviderAnswer send(Outgoing request) throws InterruptedException {
        var uri = request.uri();
        if (proxy == null || proxy.direct(uri)) {
            guard.checkResolved(uri);
        } else {
            guard.checkLiteral(uri);
        }
        try {
            var response = clients.client(request.certificate()).send(prepare(request), BodyHandlers.ofInputStream());
            return answer(request.method(), response);
        } catch (IOException e) {
            throw NetworkErrors.of(e, uri);
        }
    }

    private static HttpRequest prepare(Outgoing request) {
        try {
            var builder = HttpRequest.newBuilder(request.uri()).timeout(request.timeout());
            withMethod(builder, request);
            request.headers().forEach((name, value) -> {
                if (!RESERVED.contains(name)) {
                    builder.header(name, value);
                }
            });
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw ProxyFailure.refused("unknown_error", "The request cannot be sent: " + e.getMessage());
        }
    }

    /** An empty body publisher would announce a length of 0, which some servers refuse with these three. */
    private static void withMethod(HttpRequest.Builder builder, Outgoing request) {
        if (request.body().length > 0) {
            builder.method(request.method(), BodyPublishers.ofByteArray(request.body()));
            return;
        }
        switch (request.method()) {
            case "GET" -> builder.GET();
            case "HEAD" -> builder.HEAD();
            case "DELETE" -> builder.DELETE();
            default -> builder.method(request.method(), BodyPublishers.noBody());
        }
    }

    private static ProviderAnswer answer(String method, HttpResponse<InputStream> response) {
        var headers = new LinkedHashMap<String, List<String>>();
        response.headers().map().forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
        int status = response.statusCode();
        var body = response.body();
        boolean empty = method.equals("HEAD") || status == 204 || status == 304;
        var encoding = encoding(headers);
        if (!empty && encoding.isPresent()) {
            body = new Decoded(body, encoding.get());
            headers.remove("content-encoding");
            headers.remove("content-length");
        }
        return new ProviderAnswer(response.uri(), status, Reasons.of(status), headers, body);
    }

    private static Optional<Decoded.Encoding> encoding(Map<String, List<String>> headers) {
        var values = headers.get("content-encoding");
        return values == null ? Optional.empty() : Decoded.Encoding.of(values.getLast());
    }

    @Override
    public void close() {
        clients.close();
    }
}
