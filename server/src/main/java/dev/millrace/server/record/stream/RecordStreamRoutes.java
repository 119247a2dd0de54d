package dev.millrace.server.record.stream;

import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.record.ConnectionLookup;
import dev.millrace.server.record.RecordParameters;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** The changes of records as server-sent events. This endpoint is an addition to the reference's API. */
public final class RecordStreamRoutes {
    private static final Map<String, List<String>> HEADERS = Map.of(
            "Content-Type", List.of("text/event-stream; charset=utf-8"),
            "Cache-Control", List.of("no-cache"),
            "X-Accel-Buffering", List.of("no"));

    private final RecordStreams streams;
    private final RecordParameters parameters;

    public RecordStreamRoutes(RecordStreams streams, ConnectionLookup connections, Clock clock) {
        this.streams = streams;
        this.parameters = new RecordParameters(connections, clock);
    }

    public List<Route> routes() {
        return List.of(Route.get("/records/stream", this::stream, "environment:records:read"));
    }

    private Response stream(Request request) throws InterruptedException {
        var listing = parameters.stream(request);
        if (request.method().equals("HEAD")) {
            return new Response.Empty(200, HEADERS);
        }
        return new Response.Streamed(200, HEADERS, streams.open(listing.dataset(), listing.query()));
    }
}
