package dev.millrace.server.record;

import dev.millrace.server.http.Answer;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Route;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** The stream of changes as server-sent events: an endpoint of our own. */
public final class StreamRoutes {
    private static final Map<String, List<String>> HEADERS = Map.of(
            "Content-Type", List.of("text/event-stream; charset=utf-8"),
            "Cache-Control", List.of("no-cache"),
            // Asks proxies not to collect what should arrive at once.
            "X-Accel-Buffering", List.of("no"));

    private final RecordStreams streams;
    private final ConnectionLookup connections;
    private final RecordParameters parameters;

    public StreamRoutes(RecordStreams streams, ConnectionLookup connections, Clock clock) {
        this.streams = streams;
        this.connections = connections;
        this.parameters = new RecordParameters(clock);
    }

    public List<Route> routes() {
        return List.of(Route.get("/records/stream", this::stream, "environment:records:read"));
    }

    private Answer stream(Request request) throws InterruptedException {
        var asked = parameters.readStream(request);
        var named = NamedConnection.read(request);
        long connection = named.id(request, connections);
        if (request.method().equals("HEAD")) {
            return new Answer.Empty(200, HEADERS);
        }
        var standing = new Standing(request, connections, named, connection);
        var feed = streams.open(asked.dataset(connection), asked.query(), asked.latest(), standing);
        return new Answer.Live(200, HEADERS, streams.settings().patience(), feed);
    }
}
