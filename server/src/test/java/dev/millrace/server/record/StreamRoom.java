package dev.millrace.server.record;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.EventStream;
import dev.millrace.server.http.Caller;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Http;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.http.Json;
import dev.millrace.server.vault.Vault;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** The records' endpoints on a port of their own, with streams whose settings a test can choose. */
final class StreamRoom implements AutoCloseable {
    static final StreamSettings SETTINGS = new StreamSettings(
            Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofMillis(20), 2_000);

    final Shelf shelf = new Shelf();
    /** Writes to the same tables as another process would: nobody here is told. */
    final Records elsewhere = new Records(shelf.db, new Vault(new byte[32]));

    final AtomicBoolean revoked = new AtomicBoolean();
    final AtomicBoolean disconnected = new AtomicBoolean();
    final RecordStreams streams;
    final Http http;
    private final List<EventStream> open = new ArrayList<>();

    StreamRoom(StreamSettings settings) {
        streams = new RecordStreams(shelf.records, settings);
        http = new Http(
                // Whoever waits for streams to end by themselves waits for longer than a test may take.
                new HttpConfig("127.0.0.1", 0, 1_000_000, Duration.ofMinutes(10)),
                _ -> caller(),
                Stream.of(
                                new RecordRoutes(shelf.records, this::find, Clock.systemUTC()).routes(),
                                new StreamRoutes(streams, this::find, Clock.systemUTC()).routes())
                        .flatMap(List::stream)
                        .toList());
    }

    private Caller caller() {
        if (revoked.get()) {
            throw new Failure.Typed(401, "unknown_account", "Authentication failed.");
        }
        return new Caller(1, new UUID(0, 1), "dev", "default", Set.of("environment:records:read"));
    }

    /** The connections c1, c2, ... */
    private OptionalLong find(long environment, String integration, String connection) {
        return environment == 1 && integration.equals("crm") && connection.matches("c\\d+") && !disconnected.get()
                ? OptionalLong.of(Long.parseLong(connection.substring(1)))
                : OptionalLong.empty();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + http.port() + path);
    }

    static Map<String, String> headers(String... more) {
        var headers = new HashMap<String, String>();
        headers.put("Connection-Id", "c1");
        headers.put("Provider-Config-Key", "crm");
        for (int i = 0; i < more.length; i += 2) {
            headers.put(more[i], more[i + 1]);
        }
        return headers;
    }

    /** @param headers name, value, name, value ... */
    EventStream stream(String query, String... headers) {
        var stream = EventStream.open(uri("/records/stream?" + query), headers(headers));
        synchronized (open) {
            open.add(stream);
        }
        return stream;
    }

    /** Waits until so many records have come, and answers their ids. */
    static List<String> ids(EventStream stream, int count) {
        await().atMost(30, SECONDS).until(() -> stream.events().size() >= count);
        return stream.events().stream()
                .map(event -> Json.parse(event.data()).get("id").stringValue())
                .toList();
    }

    void saveElsewhere(String... json) {
        elsewhere.save(shelf.items, Writer.of(1), Shelf.texts(json));
    }

    @Override
    public void close() {
        open.forEach(EventStream::close);
        http.close();
        streams.close();
        shelf.close();
    }
}
