package dev.millrace.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** One request and its connection: the Jetty side of {@link Request}. Not thread-safe. */
final class Exchange {
    private final Request request;
    private final HttpConfig config;
    private final MemoryBudget budget;
    private final RawBody raw;
    private @Nullable Body body;
    private @Nullable BodyFile file;
    private @Nullable ClientWatch watch;
    private @Nullable Origin origin;

    Exchange(Request request, HttpConfig config, MemoryBudget budget) {
        this.request = request;
        this.config = config;
        this.budget = budget;
        this.raw = new RawBody(request, config.limits());
    }

    Request request() {
        return request;
    }

    String method() {
        return request.getMethod();
    }

    /** The path as received, still encoded. */
    String path() {
        return request.getHttpURI().getPath();
    }

    String query() {
        var query = request.getHttpURI().getQuery();
        return query == null ? "" : query;
    }

    Optional<String> header(String name) {
        return Origin.TOLD.contains(name.toLowerCase(Locale.ROOT)) && !origin().trusted()
                ? Optional.empty()
                : Optional.ofNullable(request.getHeaders().get(name));
    }

    Optional<String> header(HttpHeader name) {
        return Optional.ofNullable(request.getHeaders().get(name));
    }

    /** All headers as received, with names in lower case, except those that only a trusted proxy may set. */
    Map<String, List<String>> headers() {
        var all = new LinkedHashMap<String, List<String>>();
        for (var field : request.getHeaders()) {
            var name = field.getLowerCaseName();
            if (!all.containsKey(name) && (origin().trusted() || !Origin.TOLD.contains(name))) {
                all.put(name, List.copyOf(request.getHeaders().getValuesList(name)));
            }
        }
        return all;
    }

    Origin origin() {
        var known = origin;
        if (known == null) {
            known = Origin.of(peer(), request, config.trustedProxies());
            origin = known;
        }
        return known;
    }

    private InetAddress peer() {
        return ((InetSocketAddress) request.getConnectionMetaData().getRemoteSocketAddress()).getAddress();
    }

    /** The bytes of the decompressed body. */
    Body body() {
        return body(true);
    }

    /** @param kept see {@link Body}; the first call decides */
    private Body body(boolean kept) {
        var known = body;
        if (known == null) {
            var encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
            known = new Body(config, budget, raw, request.getLength(), encoding == null ? "" : encoding.strip(), kept);
            body = known;
        }
        return known;
    }

    /** A file with the body if it is large; otherwise {@code small} gets the whole body. */
    Optional<BodyFile> bodyFile(Consumer<byte[]> small) {
        try {
            var source = body(false);
            var beginning = source.readNBytes(Body.SMALL + 1);
            if (beginning.length <= Body.SMALL) {
                small.accept(beginning);
                return Optional.empty();
            }
            var written = BodyFile.of(beginning, source);
            file = written;
            return Optional.of(written);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** See {@link dev.millrace.server.http.Request#watchClient}. */
    dev.millrace.server.http.Request.Guard watch() {
        // The end of a compressed body may come after the end of its content.
        raw.drain(config.bodyLimit(), config.limits().stall().toNanos());
        var watching = watch;
        if (watching == null) {
            watching = new ClientWatch(
                    (Http1Connection) request.getConnectionMetaData().getConnection());
            watch = watching;
        }
        return watching.guard();
    }

    boolean clientLeft() {
        return watch != null && watch.left();
    }

    /** The connection exceeds the limit. */
    boolean crowded() {
        return request.getConnectionMetaData().getConnection() instanceof Http1Connection connection
                && connection.crowded();
    }

    /**
     * Reads the rest of the body after the response is sent, because a client that is still sending would not receive
     * it.
     */
    void drain() {
        boolean waitsForLeave = request.getHeaders().contains(HttpHeader.EXPECT) && body == null;
        if (!raw.ended() && !waitsForLeave && request.getLength() != 0) {
            raw.drain(config.bodyLimit(), config.limits().stall().toNanos());
        }
    }

    void release() {
        raw.release();
        if (body != null) {
            body.release();
        }
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Closes the connection without a response. */
    void cut(Throwable cause) {
        request.getConnectionMetaData().getConnection().getEndPoint().close(cause);
    }
}
