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

/** One request and its connection, on Jetty's side of {@link Request}. Not thread-safe. */
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

    /** The path as it came, encoding kept. */
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

    /** All headers, names in lower case, in the order they came; without those that only a trusted proxy may set. */
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

    /** The bytes of the body, inflated. */
    Body body() {
        return body(true);
    }

    /** @param kept see {@link Body}; the first caller decides */
    private Body body(boolean kept) {
        var known = body;
        if (known == null) {
            var encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
            known = new Body(config, budget, raw, request.getLength(), encoding == null ? "" : encoding.strip(), kept);
            body = known;
        }
        return known;
    }

    /** The body on disk when it is large; else {@code small} gets all of it. */
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
        // What ends an encoded body may stand behind what it says.
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

    /** On a connection too many. */
    boolean crowded() {
        return request.getConnectionMetaData().getConnection() instanceof Http1Connection connection
                && connection.crowded();
    }

    /** Reads what is left of the body once the answer is sent: a client that still sends would not hear it. */
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

    /** Ends the connection without a word. */
    void cut(Throwable cause) {
        request.getConnectionMetaData().getConnection().getEndPoint().close(cause);
    }
}
