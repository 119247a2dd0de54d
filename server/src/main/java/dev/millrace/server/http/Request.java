package dev.millrace.server.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One request as a handler sees it. Lives as long as its handler; not thread-safe. */
public final class Request {
    private final ServerRequest request;
    private final Map<String, String> variables;
    private final Optional<Caller> caller;
    private final long bodyLimit;
    private byte @Nullable [] body;

    Request(ServerRequest request, Map<String, String> variables, Optional<Caller> caller, long bodyLimit) {
        this.request = request;
        this.variables = variables;
        this.caller = caller;
        this.bodyLimit = bodyLimit;
    }

    public String method() {
        return request.prologue().method().text();
    }

    /** The path as it came, encoding kept. */
    public String rawPath() {
        return request.path().absolute().rawPath();
    }

    /** The query string as it came, without the question mark. */
    public String rawQuery() {
        return request.query().rawValue();
    }

    /** The value of a variable of the route's pattern, decoded. */
    public String variable(String name) {
        var value = variables.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no variable " + name);
        }
        return value;
    }

    /** The variables of the path as fields, for checking. */
    public Fields path() {
        var node = Json.object();
        variables.forEach(node::put);
        return Fields.of(Part.PATH, node).loose();
    }

    /** Who calls; only of routes that ask for a credential. */
    public Caller caller() {
        return caller.orElseThrow(() -> new IllegalStateException("this route asks for no credential"));
    }

    public long environment() {
        return caller().environmentId();
    }

    public Optional<String> header(String name) {
        return request.headers().first(HeaderNames.create(name));
    }

    /** All headers, names in lower case, in the order they came. */
    public Map<String, List<String>> headers() {
        var all = new java.util.LinkedHashMap<String, List<String>>();
        for (var header : request.headers()) {
            all.put(header.headerName().lowerCase(), List.copyOf(header.allValues()));
        }
        return all;
    }

    /** The named headers as fields, for checking. */
    public Fields headerFields(String... names) {
        var node = Json.object();
        for (var name : names) {
            HeaderName header = HeaderNames.create(name);
            request.headers().first(header).ifPresent(value -> node.put(header.lowerCase(), value));
        }
        return Fields.of(Part.HEADERS, node);
    }

    public Fields query() {
        return Fields.of(Part.QUERY, queryTree());
    }

    public ObjectNode queryTree() {
        return Query.parse(rawQuery());
    }

    /** Refuses any query parameter. */
    public void noQuery() {
        query().end();
    }

    public Fields bodyFields() {
        return Fields.of(Part.BODY, json());
    }

    /** The body as JSON; an empty one counts as an empty object. */
    public JsonNode json() {
        return Json.parseBody(body());
    }

    /** The whole body; over the limit answers 413. */
    public byte[] body() {
        var known = body;
        if (known == null) {
            known = readBody();
            body = known;
        }
        return known;
    }

    private byte[] readBody() {
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        try (var in = request.content().inputStream()) {
            var bytes = in.readNBytes((int) Math.min(bodyLimit + 1, Integer.MAX_VALUE - 8));
            if (bytes.length > bodyLimit) {
                throw tooLarge(bodyLimit);
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends when closed. */
    public interface Guard extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Interrupts this thread when the client closes its connection before the guard is closed: nobody waits for the answer
     * any more. Reads the rest of the body.
     */
    public Guard watchClient() {
        body();
        return ClientWatch.CURRENT.get().guard();
    }

    static Failure tooLarge(long limit) {
        return Failure.plain(413, "payload_too_large", "The body is larger than the limit of " + limit + " bytes.");
    }
}
