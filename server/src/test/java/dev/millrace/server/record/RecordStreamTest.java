package dev.millrace.server.record;

import static dev.millrace.server.record.StreamRoom.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.EventStream;
import dev.millrace.server.http.Json;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What a client of the stream sees. */
@Timeout(60)
class RecordStreamTest {
    private final StreamRoom room = new StreamRoom(StreamRoom.SETTINGS);
    private final Shelf shelf = room.shelf;

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void every_record_is_an_event_that_shows_it_as_a_page_does() throws Exception {
        shelf.records.save(shelf.items, Writer.of(1), Shelf.numbered(0, 5, 0));
        shelf.records.delete(shelf.items, Writer.of(1), Shelf.texts("{\"id\":\"i3\"}"));

        var stream = room.stream("model=Item");
        ids(stream, 5);

        var page = page("model=Item");
        assertThat(stream.events().stream().map(e -> Json.parse(e.data()))).containsExactlyElementsOf(page);
        assertThat(stream.events()).extracting(EventStream.Event::id).containsExactlyElementsOf(cursors(page));
        assertThat(stream.events()).extracting(EventStream.Event::name).containsOnly("message");
        assertThat(stream.headers())
                .containsEntry("content-type", "text/event-stream; charset=utf-8")
                .containsEntry("cache-control", "no-cache")
                .containsEntry("x-accel-buffering", "no")
                .containsEntry("access-control-allow-origin", "*");
    }

    @Test
    void changes_made_here_and_elsewhere_follow() {
        shelf.save(1, "{\"id\":\"a\"}");
        var stream = room.stream("model=Item");
        assertThat(ids(stream, 1)).containsExactly("a");

        shelf.save(1, "{\"id\":\"b\"}");
        assertThat(ids(stream, 2)).containsExactly("a", "b");
        room.saveElsewhere("{\"id\":\"c\"}", "{\"id\":\"a\",\"v\":2}");
        assertThat(ids(stream, 4)).startsWith("a", "b").endsWith("a", "c");
        room.elsewhere.delete(shelf.items, Writer.of(1), Shelf.texts("{\"id\":\"c\"}"));
        assertThat(ids(stream, 5)).endsWith("c");
        assertThat(last(stream).at("/_nango_metadata/last_action").stringValue())
                .isEqualTo("DELETED");
    }

    @Test
    void the_last_event_id_is_where_it_goes_on_whatever_the_address_says() {
        shelf.records.save(shelf.items, Writer.of(1), Shelf.numbered(0, 10, 0));
        var first = room.stream("model=Item");
        ids(first, 10);
        var fourth = first.events().get(3).id();

        var again = room.stream("model=Item&limit=2&cursor=" + encoded(first.lastId()), "Last-Event-ID", fourth);
        var byCursor = room.stream("model=Item&cursor=" + encoded(fourth));
        shelf.save(1, "{\"id\":\"new\"}");

        assertThat(ids(again, 7)).containsExactly("i4", "i5", "i6", "i7", "i8", "i9", "new");
        assertThat(ids(byCursor, 7)).containsExactly("i4", "i5", "i6", "i7", "i8", "i9", "new");
        assertThat(ids(room.stream("model=Item&cursor=latest", "Last-Event-ID", fourth), 7))
                .startsWith("i4");
    }

    @Test
    void from_the_latest_on_only_what_comes_is_shown_and_a_reconnect_misses_nothing() {
        shelf.records.save(shelf.items, Writer.of(1), Shelf.numbered(0, 3, 0));
        var stream = room.stream("model=Item&cursor=latest");
        await().until(() -> !stream.lastId().isEmpty());
        assertThat(stream.events()).isEmpty();
        stream.close();
        shelf.save(1, "{\"id\":\"missed\"}");

        var again = room.stream("model=Item&cursor=latest", "Last-Event-ID", stream.lastId());
        ids(again, 1);
        shelf.save(1, "{\"id\":\"next\"}");

        assertThat(ids(again, 2)).containsExactly("missed", "next");
    }

    @Test
    void a_dataset_may_come_later_and_go_and_come_again() {
        var stream = room.stream("model=Item");
        var latest = room.stream("model=Item&cursor=latest");
        await().until(() -> !latest.lastId().isEmpty());
        var beginning = latest.lastId();

        room.saveElsewhere("{\"id\":\"a\"}");
        ids(stream, 1);
        ids(latest, 1);
        shelf.records.delete(shelf.items);
        room.saveElsewhere("{\"id\":\"b\"}");

        assertThat(ids(stream, 2)).containsExactly("a", "b");
        assertThat(ids(latest, 2)).containsExactly("a", "b");
        assertThat(ids(room.stream("model=Item", "Last-Event-ID", beginning), 1))
                .containsExactly("b");
    }

    @Test
    void streams_choose_as_pages_do() {
        var added = room.stream("model=Item&filter=added&limit=1");
        var deleted = room.stream("model=Item&filter=DELETED");
        var some = room.stream("model=Item&ids=i1&ids=i5");
        var variant = room.stream("model=Item&variant=v2");
        var later = room.stream("model=Item&modified_after=" + java.time.Instant.now().plusSeconds(3_600));

        shelf.records.save(shelf.items, Writer.of(1), Shelf.numbered(0, 4, 0));
        shelf.records.save(Dataset.of(1, "Item", "v2"), Writer.of(1), Shelf.numbered(7, 8, 0));
        shelf.records.delete(shelf.items, Writer.of(1), Shelf.texts("{\"id\":\"i2\"}"));
        room.saveElsewhere("{\"id\":\"i1\",\"revision\":2}", "{\"id\":\"i5\"}");

        assertThat(ids(added, 5)).endsWith("i5").doesNotContain("i7");
        assertThat(ids(deleted, 1)).containsExactly("i2");
        assertThat(ids(some, 3)).containsExactly("i1", "i1", "i5");
        assertThat(ids(variant, 1)).containsExactly("i7");
        assertThat(later.events()).isEmpty();
    }

    @Test
    void line_breaks_between_tokens_do_not_end_an_event() {
        shelf.save(1, "{\n  \"id\": \"a\",\r\n  \"text\": \"one\\ntwo \\u2028\",\r\"list\": [\n1,\n\n2]\n}", "{\"id\":\"b\"}");

        var stream = room.stream("model=Item");

        assertThat(ids(stream, 2)).containsExactly("a", "b");
        assertThat(stream.events().getFirst().data()).doesNotContain("\n", "\r");
        var record = Json.parse(stream.events().getFirst().data());
        assertThat(record.get("text").stringValue()).isEqualTo("one\ntwo \u2028");
        assertThat(record.get("list").size()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limit=1 | invalid_query_params | model",
                "model=Item&limit=0 | invalid_query_params | limit",
                "model=Item&cursor=not-a-cursor | invalid_query_params | cursor",
                "model=Item&cursor=Latest | invalid_query_params | cursor",
                "model=Item&filter=added,foo | invalid_query_params | filter",
                "model=Item&modified_after=yesterday | invalid_query_params | modified_after",
                "model=Item&strict=perhaps | invalid_query_params | strict",
                "model=Item&zzz=1 | invalid_query_params | zzz",
            })
    void bad_queries_are_refused_as_pages_refuse_them(String query, String code, String field) {
        var refused = room.stream(query);

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains(code, field);
        assertThat(room.streams.free()).isEqualTo(StreamRoom.SETTINGS.most());
    }

    @Test
    void bad_headers_are_refused() {
        var cursor = room.stream("model=Item", "Last-Event-ID", "nonsense");
        var connection = room.stream("model=Item", "Connection-Id", "nope");

        assertThat(cursor.status()).isEqualTo(400);
        assertThat(cursor.body()).contains("invalid_headers", "Invalid cursor", "last-event-id");
        assertThat(connection.status()).isEqualTo(400);
        assertThat(connection.body()).contains("unknown_connection");
    }

    @Test
    void pages_take_no_latest_cursor() throws Exception {
        assertThat(send("GET", "/records?model=Item&cursor=latest").statusCode()).isEqualTo(400);
    }

    @Test
    void the_headers_alone_can_be_asked_for() throws Exception {
        var head = send("HEAD", "/records/stream?model=Item");

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("Content-Type")).hasValue("text/event-stream; charset=utf-8");
        assertThat(send("HEAD", "/records/stream?model=item").statusCode()).isEqualTo(400);
        assertThat(room.streams.free()).isEqualTo(StreamRoom.SETTINGS.most());
    }

    @Test
    void a_strict_stream_tells_that_its_records_are_gone() {
        shelf.save(1, "{\"id\":\"a\"}");
        var strict = room.stream("model=Item&strict=true");
        var easy = room.stream("model=Item");
        ids(strict, 1);
        ids(easy, 1);

        shelf.records.empty(shelf.items);
        shelf.save(1, "{\"id\":\"b\"}");

        await().until(strict::complete);
        assertThat(strict.events().getLast().name()).isEqualTo("end");
        assertThat(strict.events().getLast().data()).contains("cursor_expired");
        assertThat(ids(easy, 2)).containsExactly("a", "b");
        var again = room.stream("model=Item&strict=true", "Last-Event-ID", strict.lastId());
        assertThat(again.status()).isEqualTo(410);
        assertThat(again.body()).contains("cursor_expired");
    }

    @Test
    void browsers_of_other_origins_may_say_where_they_were() throws Exception {
        assertThat(send("OPTIONS", "/records/stream").headers().firstValue("Access-Control-Allow-Headers"))
                .hasValueSatisfying(names -> assertThat(names).contains("Last-Event-ID"));
    }

    private static JsonNode last(EventStream stream) {
        return Json.parse(stream.events().getLast().data());
    }

    private java.util.List<JsonNode> page(String query) throws Exception {
        var records = Json.parse(send("GET", "/records?" + query).body()).get("records");
        return StreamSupport.stream(records.spliterator(), false).toList();
    }

    private static java.util.List<String> cursors(java.util.List<JsonNode> page) {
        return page.stream()
                .map(record -> record.at("/_nango_metadata/cursor").stringValue())
                .toList();
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(room.uri(path)).timeout(Duration.ofSeconds(20));
            StreamRoom.headers().forEach(request::header);
            return client.send(
                    request.method(method, HttpRequest.BodyPublishers.noBody()).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
