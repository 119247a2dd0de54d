package dev.millrace.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A request, as handlers see it. Valid until its handler returns; not thread-safe. */
public final class Request {
    private final Exchange exchange;
    private final Map<String, String> variables;
    private final Optional<Caller> caller;
    private byte @Nullable [] body;
    private @Nullable JsonNode json;
    private Optional<BodyFile> file = Optional.empty();

    Request(Exchange exchange, Map<String, String> variables, Optional<Caller> caller) {
        this.exchange = exchange;
        this.variables = variables;
        this.caller = caller;
    }

    public String method() {
        return exchange.method();
    }

    /** The path as received, still encoded. */
    public String rawPath() {
        return exchange.path();
    }

    /** The query string as received, without the question mark. */
    public String rawQuery() {
        return exchange.query();
    }

    /** The decoded value of a variable in the route's pattern. */
    public String variable(String name) {
        var value = variables.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no variable " + name);
        }
        Storable.fault(value).ifPresent(why -> {
            throw Part.PATH.refuse("custom", "This text " + why, name);
        });
        return value;
    }

    /** The variables of the path as fields, for validation. */
    public Fields path() {
        var node = Json.object();
        variables.forEach(node::put);
        return Fields.of(Part.PATH, node).loose();
    }

    /** The caller; only for routes that require authentication. */
    public Caller caller() {
        return caller.orElseThrow(() -> new IllegalStateException("this route requires no authentication"));
    }

    public long environment() {
        return caller().environmentId();
    }

    public Optional<String> header(String name) {
        return exchange.header(name);
    }

    /** All headers as received, with names in lower case. */
    public Map<String, List<String>> headers() {
        return exchange.headers();
    }

    /** The origin, as far as trusted proxies report it. */
    public Origin origin() {
        return exchange.origin();
    }

    /** The named headers as fields, for validation. */
    public Fields headerFields(String... names) {
        var node = Json.object();
        for (var name : names) {
            exchange.header(name).ifPresent(value -> node.put(name.toLowerCase(Locale.ROOT), value));
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
        var known = json;
        if (known == null) {
            known = body != null || exchange.body().small() ? Json.parseBody(body()) : Json.parseBody(exchange.body());
            json = known;
        }
        return known;
    }

    /** The whole body; throws 413 when it exceeds the limit. */
    public byte[] body() {
        var known = body;
        if (known == null) {
            if (json != null) {
                throw new IllegalStateException("the body was parsed as it came");
            }
            known = readBody();
            body = known;
        }
        return known;
    }

    /**
     * A body of more than 256 KB as a file, which does not count against the memory budget. Empty for a shorter body,
     * which {@link #body} returns then. The file exists until the request ends.
     */
    public Optional<BodyFile> bodyFile() {
        if (body != null || json != null || file.isPresent()) {
            return file;
        }
        file = exchange.bodyFile(small -> body = small);
        return file;
    }

    private byte[] readBody() {
        try {
            return exchange.body().readAllBytes();
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
     * Interrupts this thread if the client disconnects before the guard is closed, because nobody waits for the
     * response then. Reads the rest of the body.
     */
    public Guard watchClient() {
        if (json == null && file.isEmpty()) {
            body();
        }
        return exchange.watch();
    }
}
