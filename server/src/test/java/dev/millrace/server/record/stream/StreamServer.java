package dev.millrace.server.record.stream;

import dev.millrace.server.http.Caller;
import dev.millrace.server.http.Http;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.record.Shelf;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The records' routes on a real database, without the rest of the server. */
final class StreamServer implements AutoCloseable {
    /** Longer than tests wait for anything. */
    static final Duration GRACE = Duration.ofSeconds(30);

    final Shelf shelf = new Shelf();
    final Set<Long> removed = ConcurrentHashMap.newKeySet();
    final RecordStreams streams;
    final Http http;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final HttpClient client = HttpClient.newHttpClient();

    StreamServer(StreamConfig config) {
        streams = new RecordStreams(
                shelf.records,
                ids -> {
                    var left = new HashSet<>(ids);
                    left.removeAll(removed);
                    return left;
                },
                config);
        http = new Http(
                new HttpConfig("127.0.0.1", 0, 1_000_000, GRACE),
                _ -> new Caller(1, new UUID(0, 1), "dev", "default", Set.of("environment:records:read")),
                new RecordStreamRoutes(streams, StreamServer::find, Clock.systemUTC()).routes());
    }

    /** The connection {@code cN} has the id N. */
    private static OptionalLong find(long environment, String integration, String connection) {
        return connection.matches("c\\d+")
                ? OptionalLong.of(Long.parseLong(connection.substring(1)))
                : OptionalLong.empty();
    }

    HttpRequest.Builder request(String query) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + "/records/stream?" + query))
                .header("Connection-Id", "c1")
                .header("Provider-Config-Key", "crm");
    }

    EventReader open(String query) throws IOException, InterruptedException {
        return open(request(query));
    }

    EventReader open(HttpRequest.Builder request) throws IOException, InterruptedException {
        var response = respond(request);
        if (response.statusCode() != 200) {
            throw new IOException("answered " + response.statusCode());
        }
        return new EventReader(response.body());
    }

    HttpResponse<InputStream> respond(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** As the server stops: streams first. */
    void stop() {
        if (!stopped.getAndSet(true)) {
            streams.close();
            http.close();
        }
    }

    @Override
    public void close() {
        stop();
        client.shutdownNow();
        shelf.close();
    }
}
