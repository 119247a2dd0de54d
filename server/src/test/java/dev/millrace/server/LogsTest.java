package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceException;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What runs and calls leave in the log, and how it is read. */
@Timeout(300)
class LogsTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final MockApi api = new MockApi();
    private static ConnectionRef connection;

    @BeforeAll
    static void deploy() {
        var scripts = Scripts.onNew(server.client())
                .action("levels", """
                        for (const level of ['debug', 'info', 'warn', 'error', 'http', 'verbose']) {
                          await nango.log('said at ' + level, { n: 1 }, { level });
                        }
                        console.log('not heard');
                        nango.setLogger({ level: 'debug' });
                        console.log('printed', { a: [1] }, 7);
                        console.error(new Error('shown'));
                        await nango.log('now', { level: 'verbose' });
                        nango.setLogger({ level: 'off' });
                        await nango.log('never', { level: 'error' });
                        return 'done';
                        """)
                .action("calls", """
                        const url = (await nango.getMetadata()).mock;
                        await nango.get({ endpoint: '/echo/1?api_key=hard-coded', baseUrlOverride: url,
                          headers: { 'X-Api-Token': 'hard-coded', 'X-Plain': 'plain', Cookie: 'c=hard-coded' } });
                        try { await nango.get({ endpoint: '/status/503', baseUrlOverride: url, retries: 1,
                          retryHeader: { after: 'retry-after' } }); } catch {}
                        throw new nango.ActionError({ reason: 'no such thing' });
                        """)
                .action("flood", """
                        for (let i = 0; i < 10500; i++) nango.log('line ' + i, { level: 'error' });
                        return 1;
                        """)
                .sync("items", "await nango.batchSave([{ id: 'i1' }], 'Item');");
        scripts.deploy();
        connection = scripts.connect("logs", Map.of("type", "NONE"), Map.of("mock", api.url()));
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static JsonNode get(String path) {
        var reply = server.raw().get(path);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json();
    }

    private static JsonNode newest(String function) {
        return get("/logs/operations?limit=1&function=" + function).at("/data/0");
    }

    private static List<JsonNode> lines(JsonNode operation, String query) {
        return get("/logs/operations/" + operation.path("id").asString() + "/lines?limit=1000" + query)
                .path("data")
                .valueStream()
                .toList();
    }

    private static List<String> messages(List<JsonNode> lines) {
        return lines.stream()
                .map(line -> line.path("level").asString()
                        + ' '
                        + line.path("message").asString())
                .toList();
    }

    @Test
    void lines_count_from_the_threshold_on_and_what_is_printed_at_debug() {
        server.client().triggerAction(connection, "levels", Map.of());

        var operation = newest("levels");
        assertThat(messages(lines(operation, "")))
                .containsExactly(
                        "warn said at warn",
                        "error said at error",
                        "debug printed {\"a\":[1]} 7",
                        "debug {\"message\":\"shown\",\"name\":\"Error\"}",
                        "debug now");
        assertThat(operation.path("status").asString()).isEqualTo("success");
        assertThat(operation.path("kind").asString()).isEqualTo("action");
        assertThat(operation.path("connection_id").asString()).isEqualTo("logs");
        assertThat(operation.path("duration_ms").isNumber()).isTrue();
        assertThat(operation.path("lines").toString()).isEqualTo("{\"debug\":3,\"info\":0,\"warn\":1,\"error\":1}");
        assertThat(lines(operation, "&level=warn")).hasSize(2);
        assertThat(lines(operation, "&search=PRINTED")).hasSize(1);
    }

    @Test
    void a_sync_tells_how_it_began_and_what_it_saved() {
        server.client().triggerSync(connection, List.of("items"));

        var operation = await().until(
                        () -> newest("items"),
                        o -> o.path("status").asString("").equals("success"));
        assertThat(operation.path("kind").asString()).isEqualTo("sync");
        assertThat(operation.path("variant").asString()).isEqualTo("base");
        assertThat(operation.path("error").isNull()).isTrue();
        var lines = lines(operation, "");
        assertThat(messages(lines)).containsExactly("info The run began", "info The run ended well");
        assertThat(lines.getLast().at("/meta/Item/added").asInt()).isEqualTo(1);
    }

    @Test
    void every_attempt_of_a_call_is_a_line_and_a_failure_tells_its_payload() {
        assertThatThrownBy(() -> server.client().triggerAction(connection, "calls", Map.of()))
                .isInstanceOf(MillraceException.class);

        var operation = newest("calls");
        var lines = lines(operation, "");
        assertThat(messages(lines))
                .containsExactly(
                        "info GET " + api.url() + "/echo/1?api_key=REDACTED",
                        "error GET " + api.url() + "/status/503",
                        "info Trying again in 1000 ms, after status 503 (retry 1 of 1)",
                        "error GET " + api.url() + "/status/503",
                        "error The run failed");
        var first = lines.getFirst().path("meta");
        assertThat(first.at("/response/code").asInt()).isEqualTo(200);
        assertThat(first.at("/request/headers/x-api-token").asString()).isEqualTo("REDACTED");
        assertThat(first.at("/request/headers/x-plain").asString()).isEqualTo("plain");
        assertThat(first.at("/request/headers").has("cookie")).isFalse();
        assertThat(first.toString()).doesNotContain("hard-coded");
        assertThat(lines.get(1).at("/meta/retry").toString()).isEqualTo("{\"attempt\":0,\"max\":1,\"wait_ms\":1000}");
        assertThat(operation.path("status").asString()).isEqualTo("failed");
        assertThat(operation.at("/error/type").asString()).isEqualTo("action_script_runtime_error");
        assertThat(operation.at("/error/payload/reason").asString()).isEqualTo("no such thing");
        assertThat(lines.getLast().at("/meta/payload/reason").asString()).isEqualTo("no such thing");
    }

    @Test
    void a_log_that_grows_too_long_says_how_much_is_missing() {
        server.client().triggerAction(connection, "flood", Map.of());

        var operation = newest("flood");
        assertThat(operation.path("dropped_lines").asInt()).isEqualTo(500);
        assertThat(operation.at("/lines/error").asInt()).isEqualTo(10_000);
        assertThat(lines(operation, "&search=were+dropped")
                        .getFirst()
                        .path("message")
                        .asString())
                .startsWith("500 further lines were dropped");
    }

    @Test
    void a_log_that_cannot_be_written_fails_no_run_and_is_written_later() throws Exception {
        update("ALTER TABLE log_line RENAME TO away");
        try {
            assertThat(server.client()
                            .triggerAction(connection, "levels", Map.of())
                            .asString())
                    .isEqualTo("done");
        } finally {
            update("ALTER TABLE away RENAME TO log_line");
        }

        await().untilAsserted(() -> assertThat(lines(newest("levels"), "")).hasSize(5));
    }

    @Test
    void calls_of_the_proxy_are_operations_or_lines_of_the_one_they_name() {
        var headers = new HashMap<>(
                Map.of("Provider-Config-Key", "crm", "Connection-Id", "logs", "Base-Url-Override", api.url()));
        server.raw().send("GET", "/proxy/status/404", headers, BodyPublishers.noBody());

        var operation = get("/logs/operations?kind=proxy&status=failed&limit=1").at("/data/0");
        assertThat(operation.at("/error/message").asString()).isEqualTo("The provider answered 404");
        assertThat(operation.path("function").isNull()).isTrue();

        assertThat(lines(operation, "").get(0).at("/meta/response/body").asString())
                .isEqualTo("{\"error\":\"upstream\",\"status\":404}");

        headers.put("Nango-Logs-Log-Id", operation.path("id").asString());
        server.raw().send("GET", "/proxy/echo/again", headers, BodyPublishers.noBody());
        assertThat(messages(lines(operation, "")))
                .containsExactly(
                        "error GET " + api.url() + "/status/404",
                        "error The provider answered 404",
                        "info GET " + api.url() + "/echo/again");

        headers.put("Connection-Id", "nobody");
        headers.remove("Nango-Logs-Log-Id");
        server.raw().send("GET", "/proxy/x", headers, BodyPublishers.noBody());
        var unknown = get("/logs/operations?kind=proxy&connection_id=nobody").path("data");
        assertThat(unknown.size()).isEqualTo(1);
        assertThat(unknown.at("/0/error/type").asString()).isEqualTo("server_error");
    }

    @Test
    void operations_and_lines_are_found_page_by_page() {
        for (int i = 0; i < 5; i++) {
            server.raw()
                    .send(
                            "GET",
                            "/proxy/echo/page-" + i,
                            Map.of(
                                    "Provider-Config-Key",
                                    "crm",
                                    "Connection-Id",
                                    "logs",
                                    "Base-Url-Override",
                                    api.url()),
                            BodyPublishers.noBody());
        }

        assertThat(all("/logs/lines?search=%2Fecho%2Fpage-&limit=2", "message"))
                .hasSize(5)
                .first()
                .asString()
                .endsWith("page-4");
        var operations = all("/logs/operations?kind=proxy&provider_config_key=crm&status=success&limit=2", "id");
        assertThat(operations).hasSizeGreaterThanOrEqualTo(5).doesNotHaveDuplicates();
        var future = "from=2999-01-01T00:00:00Z";
        assertThat(get("/logs/operations?" + future).path("data").size()).isZero();
        assertThat(get("/logs/lines?kind=proxy&level=error&" + future).toString())
                .isEqualTo("{\"data\":[],\"next_cursor\":null}");
        assertThat(all("/logs/lines?kind=proxy&function=items", "message")).isEmpty();
    }

    private static List<String> all(String path, String field) {
        var found = new ArrayList<String>();
        var cursor = "";
        while (true) {
            var page = get(path + cursor);
            page.path("data").forEach(item -> found.add(item.path(field).asString()));
            if (page.path("next_cursor").isNull()) {
                return found;
            }
            cursor = "&cursor=" + page.path("next_cursor").asString();
        }
    }

    @Test
    void invalid_queries_are_refused_with_a_reason() {
        var reply =
                server.raw().get("/logs/operations?kind=x&status=y&from=yesterday&cursor=zzz&limit=0&level=loud&a=1");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid_query_params");
        assertThat(reply.json().at("/error/errors").size()).isEqualTo(7);
        assertThat(reply.text()).contains("expected one such as 2026-01-31T12:00:00Z, received 'yesterday'");

        assertThat(server.raw().get("/logs/operations/7").code()).isEqualTo("invalid_uri_params");
        var unknown = server.raw().get("/logs/operations/00000000-0000-4000-8000-000000000000/lines");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.code()).isEqualTo("not_found");
    }

    @Test
    void other_environments_and_keys_without_the_scope_see_nothing() throws Exception {
        var operation = newestOfAll();
        var prod = Files.readString(server.data().resolve("keys/prod.key")).strip();
        var other = Map.of("Authorization", "Bearer " + prod);
        assertThat(server.raw()
                        .get("/logs/operations", other)
                        .json()
                        .path("data")
                        .size())
                .isZero();
        assertThat(server.raw().get("/logs/lines", other).json().path("data").size())
                .isZero();
        assertThat(server.raw()
                        .get("/logs/operations/" + operation.path("id").asString(), other)
                        .status())
                .isEqualTo(404);

        update("UPDATE api_key SET scopes = '{environment:records:read}' WHERE environment_id ="
                + " (SELECT id FROM environment WHERE name = 'prod')");
        await().untilAsserted(() -> {
            var refused = server.raw().get("/logs/operations", other);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text()).contains("environment:logs:read");
        });
    }

    private static JsonNode newestOfAll() {
        server.client().triggerAction(connection, "levels", Map.of());
        return get("/logs/operations?limit=1").at("/data/0");
    }

    private static void update(String sql) throws SQLException {
        try (var db = DriverManager.getConnection(server.databaseUrl())) {
            db.createStatement().executeUpdate(sql);
        }
    }
}
