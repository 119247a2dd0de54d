package dev.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Caller;
import dev.millrace.server.http.Http;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.http.Json;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class RecordRoutesTest {
    private final Shelf shelf = new Shelf();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Http http = new Http(
            new HttpConfig("127.0.0.1", 0, 1_000_000, Duration.ofMillis(10)),
            _ -> new Caller(
                    1,
                    new UUID(0, 1),
                    "dev",
                    "default",
                    Set.of("environment:records:read", "environment:records:write")),
            new RecordRoutes(shelf.records, RecordRoutesTest::find, Clock.systemUTC()).routes());

    private static OptionalLong find(long environment, String integration, String connection) {
        return environment == 1 && integration.equals("crm") && connection.equals("c1")
                ? OptionalLong.of(1)
                : OptionalLong.empty();
    }

    @BeforeEach
    void connect() {
        shelf.connect();
    }

    @AfterEach
    void close() {
        client.close();
        http.close();
        shelf.close();
    }

    @Test
    void a_page_and_the_page_after_it() throws Exception {
        shelf.records.save(shelf.items, Writer.of(1), Shelf.numbered(0, 3, 0));

        var first = get("model=Item&limit=2");
        var second = get("model=Item&cursor=" + encoded(first.get("next_cursor").stringValue()));

        assertThat(first.propertyNames()).containsExactlyInAnyOrder("records", "next_cursor");
        assertThat(first.get("records").size()).isEqualTo(2);
        assertThat(second.get("records").size()).isEqualTo(1);
        assertThat(second.get("next_cursor").isNull()).isTrue();
        assertThat(get("model=Unknown").toString()).isEqualTo("{\"records\":[],\"next_cursor\":null}");
    }

    @Test
    void records_are_chosen_by_id_variant_action_and_time() throws Exception {
        shelf.records.save(shelf.items, Writer.of(1), Shelf.numbered(0, 3, 0));
        shelf.records.save(Dataset.of(1, "Item", "v2"), Writer.of(1), Shelf.numbered(7, 8, 0));
        var hour = Instant.now().plusSeconds(3_600).toString();

        assertThat(get("model=Item&ids=i1&ids=i2&ids=nope").get("records").size())
                .isEqualTo(2);
        assertThat(get("model=Item&ids=i1").get("records").size()).isEqualTo(1);
        assertThat(get("model=Item&variant=v2").get("records").size()).isEqualTo(1);
        assertThat(get("model=Item&variant=base").get("records").size()).isEqualTo(3);
        assertThat(get("model=Item&filter=updated,DELETED").get("records").size())
                .isZero();
        assertThat(get("model=Item&filter=added,DELETED").get("records").size()).isEqualTo(3);
        assertThat(get("model=Item&modified_after=" + hour).get("records").size())
                .isZero();
        assertThat(get("model=Item&delta=" + Instant.now().minusSeconds(60) + "&modified_after=" + hour)
                        .get("records")
                        .size())
                .isEqualTo(3);
    }

    @Test
    void pages_that_are_read_at_once_do_not_mix() throws Exception {
        for (int model = 0; model < 4; model++) {
            shelf.records.save(
                    new Dataset(1, "M" + model), Writer.of(1), Shelf.numbered(1_000 * model, 1_000 * model + 600, 0));
        }
        var calls = new ArrayList<Callable<Void>>();
        for (int reader = 0; reader < 8; reader++) {
            int model = reader % 4;
            calls.add(() -> {
                for (int round = 0; round < 40; round++) {
                    int limit = 1 + (round * 37 + model) % 600;
                    var ids = get("model=M" + model + "&limit=" + limit)
                            .get("records")
                            .valueStream()
                            .map(record -> record.get("id").stringValue())
                            .toList();
                    assertThat(ids)
                            .isEqualTo(IntStream.range(1_000 * model, 1_000 * model + limit)
                                    .mapToObj(i -> "i" + i)
                                    .toList());
                }
                return null;
            });
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var read : threads.invokeAll(calls)) {
                read.get();
            }
        }
    }

    @Test
    void a_strict_reader_is_told_when_its_dataset_was_deleted() throws Exception {
        shelf.records.save(shelf.items, Writer.of(1), Shelf.numbered(0, 3, 0));
        var cursor = lastCursor();
        var foreign = "MjAyMy0xMS0xNFQyMjoxMzoyMCswMDowMHx8ZmQ4ZWYxMzUtYWRhYy01MjUwLTkyZDUtZmZiZTMyNjM2NjM3";

        assertThat(status("model=Item&strict=true")).isEqualTo(200);
        assertThat(status("model=Item&strict=true&cursor=" + cursor)).isEqualTo(200);
        assertThat(status("model=Item&strict=true&limit=1&cursor=" + foreign)).isEqualTo(410);

        shelf.records.empty(shelf.items);
        assertThat(status("model=Item&strict=true&cursor=" + cursor)).isEqualTo(410);
        shelf.records.save(shelf.items, Writer.of(2), Shelf.numbered(0, 3, 0));
        var emptied =
                send(request("/records?model=Item&strict=true&cursor=" + cursor).GET());
        assertThat(emptied.statusCode()).isEqualTo(410);
        assertThat(Json.parse(emptied.body()).at("/error/code").stringValue()).isEqualTo("cursor_expired");
        assertThat(get("model=Item&cursor=" + cursor).get("records").size()).isEqualTo(3);

        var newer = lastCursor();
        assertThat(status("model=Item&strict=1&cursor=" + newer)).isEqualTo(200);
        shelf.records.delete(shelf.items);
        assertThat(status("model=Item&strict=1&cursor=" + newer)).isEqualTo(410);
        shelf.records.save(shelf.items, Writer.of(3), Shelf.numbered(0, 3, 0));
        assertThat(status("model=Item&strict=1&cursor=" + newer)).isEqualTo(410);
        assertThat(status("model=Item&strict=false&cursor=" + newer)).isEqualTo(200);
    }

    @Test
    void what_is_held_of_each_model() throws Exception {
        shelf.records.save(shelf.items, Writer.of(1), Shelf.texts("{\"id\":\"a\"}", "{\"id\":\"b\"}"));
        shelf.records.delete(shelf.items, Writer.of(1), Shelf.texts("{\"id\":\"b\"}"));
        shelf.records.save(Dataset.of(1, "Item", "eu"), Writer.of(1), Shelf.texts("{\"id\":\"a\",\"x\":1}"));

        var models = Json.parse(send(request("/records/models").GET()).body()).get("models");

        assertThat(Shelf.list(models))
                .extracting(m -> m.get("model").stringValue() + " "
                        + m.get("variant").stringValue() + " " + m.get("records") + " " + m.get("bytes"))
                .containsExactly("Item base 1 20", "Item eu 1 16");
        assertThat(models.get(0).get("last_written_at").stringValue()).endsWith("+00:00");
    }

    private String lastCursor() {
        return encoded(shelf.all().getLast().get(Shelf.META).get("cursor").stringValue());
    }

    private int status(String query) throws Exception {
        return send(request("/records?" + query).GET()).statusCode();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limit=1 | invalid_type model",
                "model=item | invalid_format model",
                "model=Item::v2 | invalid_format model",
                "model=Item&limit=0 | too_small limit",
                "model=Item&limit= | too_small limit",
                "model=Item&limit=10001 | too_big limit",
                "model=Item&limit=abc | invalid_type limit",
                "model=Item&limit=1.5 | invalid_type limit",
                "model=Item&cursor= | too_small cursor",
                "model=Item&cursor=not-a-cursor | invalid_format cursor",
                "model=Item&cursor=YXx8Yg%3D%3D | invalid_format cursor",
                "model=Item&filter=added,foo | invalid_value filter.1",
                "model=Item&filter=Added | invalid_value filter.0",
                "model=Item&modified_after=yesterday | invalid_format modified_after, custom modified_after",
                "model=Item&modified_after=2020-01-01T00:00:00.000Z | custom modified_after",
                "model=Item&modified_after=2026-02-31T00:00:00Z | invalid_format modified_after, custom modified_after",
                "model=Item&delta=2020-01-01T00:00:00.000Z | custom delta",
                "model=Item&ids= | too_small ids.0",
                "model=Item&strict=maybe | invalid_value strict",
                "model=Item&zzz=1 | unrecognized_keys ",
            })
    void bad_queries_are_refused(String query, String issues) throws Exception {
        var response = send(request("/records?" + query).GET());

        assertThat(response.statusCode()).isEqualTo(400);
        var error = Json.parse(response.body()).get("error");
        assertThat(error.get("code").stringValue()).isEqualTo("invalid_query_params");
        assertThat(issues(error)).isEqualTo(issues.strip());
    }

    @Test
    void more_than_a_hundred_ids_are_refused() throws Exception {
        var query = "model=Item" + String.join("", Collections.nCopies(101, "&ids=a"));

        assertThat(send(request("/records?" + query).GET()).body()).contains("too_big");
    }

    @Test
    void headers_are_checked_after_the_query_and_must_name_a_connection() throws Exception {
        var none = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + "/records?model=Item"));
        var unknown = request("/records?model=Item").setHeader("Connection-Id", "nope");

        assertThat(issues(Json.parse(send(none).body()).get("error")))
                .isEqualTo("invalid_type connection-id, invalid_type provider-config-key");
        assertThat(send(unknown).statusCode()).isEqualTo(400);
        assertThat(send(unknown).body())
                .isEqualTo("{\"error\":{\"code\":\"unknown_connection\",\"message\":"
                        + "\"Provided ConnectionId and ProviderConfigKey does not match a valid connection\"}}");
    }

    @Test
    void pruning_answers_how_many_and_whether_there_are_more() throws Exception {
        shelf.records.save(shelf.items, Writer.of(1), Shelf.numbered(0, 3, 0));
        var last = shelf.all().getLast().get(Shelf.META).get("cursor").stringValue();

        assertThat(prune("{\"model\":\"Item\",\"until_cursor\":\"" + last + "\",\"limit\":2}"))
                .isEqualTo("200 {\"count\":2,\"has_more\":true}");
        assertThat(prune("{\"model\":\"Item\",\"until_cursor\":\"" + last + "\"}"))
                .isEqualTo("200 {\"count\":1,\"has_more\":false}");
        assertThat(prune("{\"model\":\"Nope\",\"until_cursor\":\"" + last + "\"}"))
                .isEqualTo("200 {\"count\":0,\"has_more\":false}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | invalid_type model, invalid_type until_cursor",
                "{\"model\":\"Item\",\"until_cursor\":\"zzz\"} | invalid_format until_cursor",
                "{\"model\":\"Item\",\"until_cursor\":\"\"} | too_small until_cursor",
                "{\"model\":\"Item\",\"until_cursor\":\"zzz\",\"limit\":\"5\"} | invalid_format until_cursor, invalid_type limit",
            })
    void bad_prunes_are_refused(String body, String issues) throws Exception {
        var answer = prune(body);

        assertThat(answer).startsWith("400 ").contains("invalid_body");
        assertThat(issues(Json.parse(answer.substring(4)).get("error"))).isEqualTo(issues);
    }

    private static String issues(JsonNode error) {
        var all = new StringBuilder();
        for (var issue : error.get("errors")) {
            var path = Shelf.list(issue.get("path")).stream()
                    .map(JsonNode::stringValue)
                    .toList();
            all.append(all.isEmpty() ? "" : ", ").append(issue.get("code").stringValue());
            all.append(path.isEmpty() ? "" : " " + String.join(".", path));
        }
        return all.toString();
    }

    private JsonNode get(String query) throws Exception {
        var response = send(request("/records/?" + query).GET());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return Json.parse(response.body());
    }

    private String prune(String body) throws Exception {
        var request = request("/records/prune").method("PATCH", HttpRequest.BodyPublishers.ofString(body));
        var response = send(request.header("Content-Type", "application/json"));
        return response.statusCode() + " " + response.body();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path))
                .header("Connection-Id", "c1")
                .header("Provider-Config-Key", "crm");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
