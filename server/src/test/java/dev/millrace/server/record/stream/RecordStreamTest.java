package dev.millrace.server.record.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.http.Json;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Shelf;
import dev.millrace.server.record.Writer;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("slow")
class RecordStreamTest {
    private static final StreamConfig CONFIG =
            new StreamConfig(Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofMillis(20), 300);

    private final StreamServer server = new StreamServer(CONFIG);
    private final Shelf shelf = server.shelf;

    @AfterEach
    void close() {
        server.close();
    }

    private void save(int from, int to, int revision) {
        shelf.records.save(shelf.items, Writer.of(1), Shelf.numbered(from, to, revision));
    }

    @Test
    void each_record_is_an_event_with_its_cursor_as_the_id() throws Exception {
        shelf.save(1, "{\"id\":\"a\",\r\n \"text\":\"one\\ntwo\",\n\n\"n\":\r1}");
        save(0, 2, 0);

        var response = server.respond(server.request("model=Item"));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().map())
                .containsEntry("content-type", List.of("text/event-stream; charset=utf-8"))
                .containsEntry("cache-control", List.of("no-cache"))
                .containsEntry("x-accel-buffering", List.of("no"));
        try (var reader = new EventReader(response.body())) {
            await().until(() -> reader.events.size() == 3);
            shelf.records.delete(shelf.items, Writer.of(1), Shelf.texts("{\"id\":\"i0\"}"));
            await().until(() -> reader.events.size() == 4);

            assertThat(reader.records()).containsExactly("a", "i0", "i1", "i0");
            assertThat(reader.events).allSatisfy(event -> {
                assertThat(event.name()).isEqualTo("message");
                assertThat(event.id())
                        .isEqualTo(event.json().get(Shelf.META).get("cursor").stringValue());
            });
            assertThat(reader.events.getFirst().json()).isEqualTo(shelf.one("a"));
            assertThat(reader.events.get(2).json()).isEqualTo(shelf.one("i1"));
            assertThat(reader.events.get(3).json()).isEqualTo(shelf.one("i0"));
            assertThat(Shelf.action(reader.events.getLast().json())).isEqualTo("DELETED");
        }
    }

    @Test
    void a_stream_of_what_does_not_exist_yet_begins_with_its_first_record() throws Exception {
        try (var reader = server.open("model=Item")) {
            await().until(() -> reader.comments.contains("open"));
            save(0, 1, 0);
            await().until(() -> reader.records().equals(List.of("i0")));
            shelf.records.delete(shelf.items);
            save(5, 6, 0);
            await().until(() -> reader.records().equals(List.of("i0", "i5")));
        }
    }

    @Test
    void the_last_event_id_wins_over_the_cursor_and_repeats_and_skips_nothing() throws Exception {
        save(0, 250, 0);
        var expected = shelf.all().stream().map(r -> r.get("id").stringValue()).toList();
        var received = new ArrayList<String>();
        var url = "model=Item&limit=7&cursor=" + encoded(cursor(99));
        String last;
        try (var reader = server.open(url)) {
            await().until(() -> reader.events.size() == 150);
            received.addAll(reader.records().subList(0, 50));
            last = reader.events.get(49).id();
        }
        save(250, 260, 0);
        try (var reader = server.open(server.request(url).header("Last-Event-ID", last))) {
            await().until(() -> reader.events.size() == 110);
            received.addAll(reader.records());
        }
        try (var reader = server.open(server.request(url).header("Last-Event-ID", ""))) {
            await().until(() -> reader.events.size() == 160);
        }
        var wanted = new ArrayList<>(expected.subList(100, 250));
        wanted.addAll(shelf.all().subList(250, 260).stream()
                .map(r -> r.get("id").stringValue())
                .toList());
        assertThat(received).isEqualTo(wanted);
    }

    private String cursor(int index) {
        return shelf.all().get(index).get(Shelf.META).get("cursor").stringValue();
    }

    @Test
    void only_what_is_asked_for_comes() throws Exception {
        var hour = Instant.now().plusSeconds(3_600);
        save(0, 3, 0);
        try (var deleted = server.open("model=Item&filter=deleted");
                var changed = server.open("model=Item&filter=updated,deleted");
                var some = server.open("model=Item&ids=i1&ids=i8");
                var variant = server.open("model=Item&variant=v2");
                var later = server.open("model=Item&modified_after=" + hour);
                var all = server.open("model=Item")) {
            save(1, 3, 1);
            save(8, 9, 1);
            shelf.records.save(Dataset.of(1, "Item", "v2"), Writer.of(1), Shelf.numbered(7, 8, 0));
            shelf.records.delete(shelf.items, Writer.of(1), Shelf.texts("{\"id\":\"i2\"}"));
            save(9, 10, 1);

            await().until(() -> all.records().contains("i9"));
            await().until(() -> deleted.records().equals(List.of("i2")));
            await().until(() -> changed.records().getLast().equals("i2"));
            await().until(() -> some.records().getLast().equals("i8"));
            await().until(() -> variant.records().equals(List.of("i7")));
            assertThat(changed.records()).contains("i1").doesNotContain("i0", "i8", "i9");
            assertThat(some.records()).contains("i1").doesNotContain("i0", "i2", "i9");
            assertThat(later.records()).isEmpty();
        }
    }

    @Test
    void a_strict_stream_ends_when_its_dataset_was_deleted() throws Exception {
        save(0, 3, 0);
        var cursor = encoded(cursor(2));
        try (var strict = server.open("model=Item&strict=true");
                var lax = server.open("model=Item")) {
            await().until(() -> strict.events.size() == 3 && lax.events.size() == 3);
            shelf.records.empty(shelf.items);
            await().until(strict::ended);

            var error = strict.events.getLast();
            assertThat(strict.events).hasSize(4);
            assertThat(error.name()).isEqualTo("error");
            assertThat(error.json().at("/error/code").stringValue()).isEqualTo("cursor_expired");
            save(4, 5, 0);
            await().until(() -> lax.records().equals(List.of("i0", "i1", "i2", "i4")));
        }
        var gone = server.send(server.request("model=Item&strict=true&cursor=" + cursor));
        assertThat(gone.statusCode()).isEqualTo(410);
        assertThat(Json.parse(gone.body()).at("/error/code").stringValue()).isEqualTo("cursor_expired");
        assertThat(server.streams.open()).hasSizeLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limit=1 | | invalid_query_params | invalid_type",
                "model=Item&limit=0 | | invalid_query_params | too_small",
                "model=Item&cursor=nope | | invalid_query_params | invalid_format",
                "model=Item&filter=foo | | invalid_query_params | invalid_value",
                "model=Item&zzz=1 | | invalid_query_params | unrecognized_keys",
                "model=Item | nope | invalid_headers | invalid_format",
                "model=Item&cursor=nope | nope | invalid_query_params | invalid_format",
            })
    void bad_requests_are_refused(String query, String resume, String code, String issue) throws Exception {
        var request = server.request(query);
        if (resume != null) {
            request.header("Last-Event-ID", resume);
        }
        var response = server.send(request);

        assertThat(response.statusCode()).isEqualTo(400);
        var error = Json.parse(response.body()).get("error");
        assertThat(error.get("code").stringValue()).isEqualTo(code);
        assertThat(error.at("/errors/0/code").stringValue()).isEqualTo(issue);
        assertThat(server.streams.open()).isEmpty();
    }

    @Test
    void an_unknown_connection_is_refused_and_a_look_at_the_headers_opens_nothing() throws Exception {
        var unknown = server.send(server.request("model=Item").setHeader("Connection-Id", "nope"));
        var head = server.send(server.request("model=Item").HEAD());

        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unknown.body()).contains("unknown_connection");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(server.streams.open()).isEmpty();
    }

    @Test
    void a_replica_made_from_the_stream_equals_the_store_whatever_is_written_at_once() throws Exception {
        try (var reader = server.open("model=Item&limit=50");
                var writers = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = new ArrayList<java.util.concurrent.Callable<Void>>();
            for (int number = 0; number < 8; number++) {
                int own = number;
                work.add(() -> {
                    write(own);
                    return null;
                });
            }
            for (var done : writers.invokeAll(work)) {
                done.get();
            }
            var stored = contents(shelf.all().stream().map(Object::toString).toList());
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(contents(reader.events.stream()
                                    .map(EventReader.Event::data)
                                    .toList()))
                            .isEqualTo(stored));
            assertThat(stored).hasSize(8 * 30);
            assertThat(reader.events.stream().map(EventReader.Event::id).distinct())
                    .hasSize(reader.events.size());
        }
    }

    private void write(int own) {
        for (int turn = 0; turn < 25; turn++) {
            save(own * 30, own * 30 + 30, turn);
            shelf.records.delete(shelf.items, Writer.of(1), Shelf.texts("{\"id\":\"i" + (own * 30 + turn) + "\"}"));
        }
    }

    /** By id what was said of it last, key order aside. */
    private static Map<String, Object> contents(List<String> texts) {
        var byId = new HashMap<String, Object>();
        texts.forEach(text -> byId.put(Json.parse(text).get("id").stringValue(), Json.parse(text)));
        return byId;
    }

    @Test
    void two_hundred_streams_of_one_dataset_all_get_everything() throws Exception {
        var readers = new ArrayList<EventReader>();
        for (int i = 0; i < 200; i++) {
            readers.add(server.open("model=Item"));
        }
        for (int turn = 0; turn < 20; turn++) {
            save(0, 10, turn);
        }
        save(10, 11, 0);
        await().atMost(Duration.ofSeconds(90)).until(() -> readers.stream().allMatch(RecordStreamTest::isDone));
        for (var reader : readers) {
            var last = new HashMap<String, Integer>();
            reader.events.forEach(event ->
                    last.put(event.record(), event.json().get("revision").intValue()));
            assertThat(last).hasSize(11);
            assertThat(Collections.frequency(last.values(), 19)).isEqualTo(10);
        }
        assertThat(server.streams.open()).hasSize(200);
        for (var reader : readers) {
            reader.close();
        }
        var revisions = new AtomicInteger(100);
        // Those that have gone are noticed when something is sent.
        await().atMost(Duration.ofSeconds(90)).until(() -> {
            save(0, 1, revisions.incrementAndGet());
            return server.streams.open().isEmpty();
        });
    }

    private static boolean isDone(EventReader reader) {
        return !reader.events.isEmpty() && reader.events.getLast().data().contains("\"i10\"");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }
}
