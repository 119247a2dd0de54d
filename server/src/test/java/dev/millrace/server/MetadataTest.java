package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.metadata.RandomJson;
import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Versions, compare-and-set, patches, history and limits of metadata, as HTTP shows them. */
@Timeout(300)
class MetadataTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
    private static final Map<String, String> MERGE_PATCH = Map.of("Content-Type", "application/merge-patch+json");
    private static final Map<String, String> JSON_PATCH = Map.of("Content-Type", "application/json-patch+json");

    private final String id = "c" + COUNT.incrementAndGet();

    @BeforeAll
    static void integrate() {
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
    }

    /** Version 1 is the empty object that an import without metadata leaves. */
    @BeforeEach
    void connect() {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key", "crm", "connection_id", id, "credentials", Map.of("type", "NONE")));
    }

    private String path(String rest) {
        return "/connections/" + id + "/metadata" + rest + (rest.contains("?") ? "&" : "?") + "provider_config_key=crm";
    }

    private Reply send(String method, String rest, Map<String, String> headers, String body) {
        return server.raw().send(method, path(rest), headers, BodyPublishers.ofString(body));
    }

    private Reply set(String object) {
        return send("POST", "", JSON, object);
    }

    private Reply get(String rest) {
        return server.raw().get(path(rest));
    }

    private static String tag(Reply reply) {
        return reply.headers().firstValue("ETag").orElse("none");
    }

    private static Map<String, String> with(Map<String, String> headers, String name, String value) {
        var all = new java.util.HashMap<>(headers);
        all.put(name, value);
        return all;
    }

    @Test
    void every_change_has_the_next_version() {
        assertThat(tag(get(""))).isEqualTo("\"1\"");

        assertThat(tag(set("{\"a\":1}"))).isEqualTo("\"2\"");
        assertThat(tag(send("PATCH", "", JSON, "{\"b\":2}"))).isEqualTo("\"3\"");
        assertThat(tag(send("PATCH", "", JSON, "{\"b\":2}"))).as("nothing new").isEqualTo("\"3\"");

        assertThat(get("").text()).isEqualTo("{\"a\":1,\"b\":2}");
        var connection = server.raw().get("/connections/" + id + "?provider_config_key=crm");
        assertThat(tag(connection)).isEqualTo("\"3\"");
        assertThat(connection.json().path("metadata").toString()).isEqualTo("{\"a\":1,\"b\":2}");
    }

    @Test
    void what_is_known_already_is_not_sent_again() {
        set("{\"a\":1}");

        assertThat(server.raw().get(path(""), Map.of("If-None-Match", "\"2\"")).status())
                .isEqualTo(304);
        assertThat(server.raw().get(path(""), Map.of("If-None-Match", "\"1\"")).status())
                .isEqualTo(200);
        var whole = "/connections/" + id + "?provider_config_key=crm";
        assertThat(server.raw().get(whole, Map.of("If-None-Match", "\"2\"")).status())
                .as("a connection is more than its metadata")
                .isEqualTo(200);
    }

    @Test
    void a_change_of_another_version_than_expected_is_refused() {
        set("{\"a\":1}");

        var stale = send("POST", "", with(JSON, "If-Match", "\"1\""), "{\"a\":2}");

        assertThat(stale.status()).isEqualTo(412);
        assertThat(stale.code()).isEqualTo("metadata_conflict");
        assertThat(stale.json().path("error").path("current_version").asInt()).isEqualTo(2);
        assertThat(get("").text()).isEqualTo("{\"a\":1}");

        var wrapped = "{\"connection_id\":\"%s\",\"provider_config_key\":\"crm\",\"metadata\":{\"a\":3}}".formatted(id);
        var body = BodyPublishers.ofString(wrapped);
        var path = "/connections/metadata";
        assertThat(server.raw()
                        .send("PATCH", path, with(JSON, "If-Match", "\"1\""), body)
                        .status())
                .isEqualTo(412);
        assertThat(tag(server.raw().send("PATCH", path, with(JSON, "If-Match", "\"2\", \"9\""), body)))
                .isEqualTo("\"3\"");
        assertThat(send("DELETE", "", Map.of("If-Match", "*"), "").status()).isEqualTo(200);
        assertThat(send("POST", "", with(JSON, "If-Match", "*"), "{}").status())
                .as("there is none any more")
                .isEqualTo(412);
    }

    @Test
    void a_condition_goes_with_one_connection_only() {
        var body = "{\"connection_id\":[\"%s\",\"%s\"],\"provider_config_key\":\"crm\",\"metadata\":{}}"
                .formatted(id, id + "x");

        var reply = server.raw()
                .send("POST", "/connections/metadata", with(JSON, "If-Match", "\"1\""), BodyPublishers.ofString(body));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid_headers");
    }

    @Test
    void the_content_type_says_what_a_patch_means() {
        set("{\"map\":{\"a\":1,\"b\":2},\"x\":null}");

        send("PATCH", "", MERGE_PATCH, "{\"map\":{\"a\":null,\"c\":3}}");
        assertThat(get("").text()).isEqualTo("{\"map\":{\"b\":2,\"c\":3},\"x\":null}");

        var patched = send("PATCH", "", JSON_PATCH, """
                [{"op":"test","path":"/map/b","value":2},{"op":"move","from":"/map/c","path":"/d"}]""");
        assertThat(patched.text()).isEqualTo("{\"map\":{\"b\":2},\"x\":null,\"d\":3}");

        assertThat(send("PATCH", "", JSON, "{\"map\":{}}").text()).isEqualTo("{\"map\":{},\"x\":null,\"d\":3}");

        assertThat(send("PATCH", "", Map.of("Content-Type", "text/plain"), "{}").status())
                .isEqualTo(415);
    }

    @Test
    void patches_through_the_older_path() {
        wrapped(MERGE_PATCH, "{\"a\":{\"b\":1,\"c\":null}}");
        assertThat(get("").text()).isEqualTo("{\"a\":{\"b\":1}}");
        wrapped(JSON_PATCH, "[{\"op\":\"remove\",\"path\":\"/a\"}]");
        assertThat(get("").text()).isEqualTo("{}");
    }

    private void wrapped(Map<String, String> type, String metadata) {
        var body = "{\"connection_id\":\"" + id + "\",\"provider_config_key\":\"crm\",\"metadata\":" + metadata + "}";
        server.raw().send("PATCH", "/connections/metadata", type, BodyPublishers.ofString(body));
    }

    @Test
    void a_patch_that_does_not_fit_writes_nothing() {
        var failing = """
                [{"op":"add","path":"/a","value":1},{"op":"test","path":"/a","value":2}]""";
        assertThat(send("PATCH", "", JSON_PATCH, failing).code()).isEqualTo("metadata_test_failed");
        assertThat(send("PATCH", "", JSON_PATCH, "[{\"op\":\"remove\",\"path\":\"/x\"}]")
                        .code())
                .isEqualTo("metadata_path_not_found");
        assertThat(send("PATCH", "", JSON_PATCH, "[{\"op\":\"remove\"}]").code())
                .isEqualTo("invalid_body");
        assertThat(send("PATCH", "", JSON_PATCH, "[{\"op\":\"add\",\"path\":\"\",\"value\":1}]")
                        .status())
                .isEqualTo(400);
        assertThat(tag(get(""))).isEqualTo("\"1\"");
    }

    @Test
    void one_key_by_its_pointer() {
        set("{\"fieldMapping\":{\"plan\":\"cf_plan\",\"a/b\":[1,2]}}");

        assertThat(get("?path=/fieldMapping/plan").text()).isEqualTo("\"cf_plan\"");
        assertThat(get("?path=/fieldMapping/a~1b/1").text()).isEqualTo("2");
        assertThat(get("?path=/nothing").status()).isEqualTo(404);
        assertThat(get("?path=nothing").code()).isEqualTo("invalid_query_params");

        assertThat(send("DELETE", "?path=/fieldMapping/plan", Map.of(), "").status())
                .isEqualTo(200);
        assertThat(send("DELETE", "?path=/fieldMapping/plan", Map.of(), "").status())
                .isEqualTo(404);
        assertThat(get("").text()).isEqualTo("{\"fieldMapping\":{\"a/b\":[1,2]}}");

        send("DELETE", "", Map.of(), "");
        assertThat(get("").text()).isEqualTo("null");
        assertThat(tag(get(""))).isEqualTo("\"4\"");
    }

    @Test
    void the_history_tells_who_changed_what() {
        set("{\"a\":1}");
        send("PATCH", "", JSON, "{\"a\":2,\"b\":{}}");
        server.client()
                .importConnection(Map.of(
                        "provider_config_key", "crm", "connection_id", id, "credentials", Map.of("type", "NONE")));

        var newest = get("/history?limit=2").json();
        assertThat(newest.path("history").path(0).path("version").asInt()).isEqualTo(4);
        assertThat(newest.path("history").path(0).path("actor").asString()).isEqualTo("import:default");
        assertThat(newest.path("history").path(1).path("actor").asString()).isEqualTo("key:default");
        assertThat(newest.path("history").path(1).path("patch").toString())
                .isEqualTo(
                        "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":2},{\"op\":\"add\",\"path\":\"/b\",\"value\":{}}]");
        var rest =
                get("/history?cursor=" + newest.path("next_cursor").asString()).json();
        assertThat(rest.path("history").valueStream().map(v -> v.path("version").asInt()))
                .containsExactly(2, 1);
        assertThat(rest.path("next_cursor").isNull()).isTrue();

        assertThat(get("/history/3").json().path("metadata").toString()).isEqualTo("{\"a\":2,\"b\":{}}");
        assertThat(get("/history/9").status()).isEqualTo(404);

        var restored = send("POST", "/restore", JSON, "{\"version\":2}");
        assertThat(restored.text()).isEqualTo("{\"a\":1}");
        assertThat(tag(restored)).isEqualTo("\"5\"");
    }

    @RepeatedTest(25)
    void any_object_comes_back_as_it_was(RepetitionInfo repetition) {
        var object = new RandomJson(new Random(repetition.getCurrentRepetition())).object();

        assertThat(set(object).text()).isEqualTo(object);
        assertThat(get("").text()).isEqualTo(object);
        var version = get("").headers().firstValue("ETag").orElseThrow().replace("\"", "");
        assertThat(get("/history/" + version).text()).contains("\"metadata\":" + object);
    }

    @Test
    void numbers_of_all_kinds_and_the_order_of_keys_stay() {
        var object =
                "{\"z\":1.10,\"a\":-0,\"big\":123456789012345678901234567890,\"huge\":1E400,\"ü\":\"\uD83D\uDE00\"}";

        set(object);

        assertThat(get("").text()).isEqualTo(object);
        assertThat(set("{\"a\":1,\"b\":2,\"a\":3}").text())
                .as("of a repeated key the last counts, as in JavaScript")
                .isEqualTo("{\"a\":3,\"b\":2}");
    }

    @Test
    void what_is_too_large_or_too_deep_is_refused() {
        var large = set("{\"t\":\"" + "x".repeat(1 << 20) + "\"}");
        assertThat(large.status()).isEqualTo(413);
        assertThat(large.code()).isEqualTo("metadata_too_large");

        assertThat(set("{\"a\":" + "[".repeat(99) + "]".repeat(99) + "}").status())
                .isEqualTo(201);
        var deep = set("{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}");
        assertThat(deep.code()).isEqualTo("invalid_body");
        assertThat(deep.text()).contains("100 levels");

        var nul = set("{\"a\":{\"b\":\"x\\u0000\"}}");
        assertThat(nul.status()).isEqualTo(400);
        assertThat(nul.json().path("error").path("errors").path(0).path("path").toString())
                .isEqualTo("[\"a\",\"b\"]");
    }

    @Test
    void unknown_connections() {
        var reply = server.raw().get("/connections/nobody/metadata?provider_config_key=crm");
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.code()).isEqualTo("unknown_connection");
        assertThat(server.raw()
                        .get("/connections/" + id + "/metadata", Map.of("Provider-Config-Key", "crm"))
                        .status())
                .isEqualTo(200);
        assertThat(server.raw().get("/connections/" + id + "/metadata").code()).isEqualTo("invalid_query_params");
    }

    @Test
    void the_older_client_reads_what_was_set() {
        set("{\"a\":1}");

        assertThat(server.client()
                        .connection(new ConnectionRef("crm", id))
                        .path("metadata")
                        .toString())
                .isEqualTo("{\"a\":1}");
    }
}
