package dev.millrace.server;

import static dev.millrace.server.testkit.ProbeAction.get;
import static dev.millrace.server.testkit.ProbeAction.result;
import static dev.millrace.server.testkit.ProbeAction.trigger;
import static dev.millrace.server.testkit.ProbeAction.triggerAsync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.SentEvents;
import dev.millrace.server.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Actions that nobody waits for. */
@Tag("slow")
@Timeout(300)
class AsyncActionTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final TestServer server = TestServer.start();
    private static final MockApi mock = new MockApi();

    private static KeyTables tables;

    @BeforeAll
    static void deploy() {
        tables = new KeyTables(server.databaseUrl());
        ProbeAction.deploy(server.client());
    }

    @AfterAll
    static void stop() {
        tables.close();
        server.close();
        mock.close();
    }

    private static String connection(String id) {
        ProbeAction.connect(server.client(), id);
        return id;
    }

    private static List<String> webhooks(String id) {
        return SentEvents.of(server).stream()
                .filter(body -> body.contains("{\"id\":\"" + id))
                .toList();
    }

    @Test
    void they_run_one_after_the_other_and_calls_that_are_waited_for_pass_them() throws Exception {
        var connection = connection("queue");
        mock.hold(1);
        var held = triggerAsync(server.raw(), connection, get(mock, "get and count", "/items?cursor=1"), 0);
        await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(1));
        var next = triggerAsync(server.raw(), connection, "{\"do\": \"count\"}", 0);
        var last = triggerAsync(server.raw(), connection, "{\"do\": \"count\"}", 0);

        assertThat(trigger(server.raw(), connection, "{\"do\": \"count\"}").text())
                .isEqualTo("2");
        assertThat(server.raw().get("/action/" + held).text())
                .isEqualTo("{\"error\":{\"code\":\"not_found\",\"message\":\"No action '" + held + "' found\"}}");
        mock.release();

        assertThat(result(server.raw(), held).text()).isEqualTo("1");
        assertThat(result(server.raw(), next).text()).isEqualTo("3");
        assertThat(result(server.raw(), last).text()).isEqualTo("4");
    }

    @Test
    void many_put_in_the_queue_at_once_all_run() throws Exception {
        var connection = connection("many");

        var ids = IntStream.range(0, 40)
                .parallel()
                .mapToObj(_ -> triggerAsync(server.raw(), connection, "{\"do\": \"count\"}", 0))
                .toList();

        assertThat(ids.stream().map(id -> result(server.raw(), id).json().asInt()))
                .doesNotHaveDuplicates()
                .allMatch(n -> n >= 1 && n <= 40);
    }

    @Test
    void an_action_that_returns_nothing_has_null_as_its_result() {
        var id = triggerAsync(server.raw(), connection("void"), "{\"do\": \"nothing\"}", 0);

        var reply = result(server.raw(), id);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text()).isEqualTo("null");
    }

    @Test
    void failures_are_retried_with_the_same_id_and_input() {
        var connection = connection("retries");

        var id = triggerAsync(server.raw(), connection, "{\"do\": \"fail until\", \"attempt\": 3}", 2);

        assertThat(result(server.raw(), id).text()).isEqualTo("3");
        assertThat(webhooks(id)).hasSize(1);
    }

    @Test
    void the_last_failure_counts_and_is_announced_once() {
        var connection = connection("failing");

        var id = triggerAsync(server.raw(), connection, "{\"do\": \"actionError\"}", 1);
        var reply = result(server.raw(), id);

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.text()).isEqualTo("""
                {"error":{"message":"The action script failed with a runtime error",\
                "code":"action_script_runtime_error","payload":{"code":"custom","detail":{"a":1}}}}""");
        assertThat(trigger(server.raw(), connection, "{\"do\": \"count\"}").text())
                .isEqualTo("3");
        assertThat(webhooks(id)).containsExactly("""
                {"connectionId":"failing","from":"nango","payload":{"id":"%s","statusUrl":"/action/%s"},\
                "providerConfigKey":"crm","type":"async_action"}""".formatted(id, id));
    }

    @Test
    void what_cannot_start_fails_clearly() {
        var connection = connection("vanishing");
        mock.hold(5);
        var held = triggerAsync(server.raw(), connection, get(mock, "get", "/items?cursor=5"), 0);
        await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(5));
        var late = triggerAsync(server.raw(), connection, "{}", 0);
        var tooLate = triggerAsync(server.raw(), connection, "{}", 0);
        tables.execute(
                "UPDATE async_action SET waits_since = now() - interval '25 hours' WHERE id = '" + tooLate + "'");
        tables.execute("UPDATE connection SET deleted_at = now() WHERE connection_id = 'vanishing'");
        mock.release();
        result(server.raw(), held);

        assertThat(result(server.raw(), late).status()).isEqualTo(500);
        var error = ProbeAction.error(result(server.raw(), late));
        assertThat(error.path("code").asString()).isEqualTo("action_script_failure");
        assertThat(error.path("payload").path("error").asString()).contains("connection was deleted");
        assertThat(ProbeAction.error(result(server.raw(), tooLate))
                        .path("payload")
                        .toString())
                .isEqualTo("{\"error\":\"Task " + tooLate
                        + " expired\",\"payload\":{\"reason\":\"createdToStartedTimeoutSecs_exceeded\"}}");
        assertThat(webhooks(late)).hasSize(1);
        assertThat(webhooks(tooLate)).hasSize(1);
    }

    @Test
    void a_full_queue_takes_no_more() {
        var connection = connection("full");
        await().atMost(LONGEST_WAIT)
                .until(() -> tables.texts("SELECT task_name FROM scheduled_tasks WHERE task_name = 'async-actions'")
                        .isEmpty());
        tables.execute("""
                INSERT INTO async_action (id, environment_id, connection_id, integration, connection, action, state, attempt,
                       retries, waits_since)
                SELECT gen_random_uuid(), environment_id, id, 'crm', connection_id, 'filler', 'WAITING', 1, 0, now()
                  FROM connection, generate_series(1, 10000)
                 WHERE connection_id = 'full'
                """);

        var refused = trigger(server.raw(), connection, "{}", "X-Async", "true");
        tables.execute("DELETE FROM async_action WHERE action = 'filler'");

        assertThat(refused.status()).isEqualTo(500);
        assertThat(ProbeAction.error(refused).path("code").asString()).isEqualTo("action_script_failure");
        assertThat(refused.text()).contains("10000 actions of this environment wait already");
    }

    @Test
    void a_server_that_stops_cancels_what_runs_and_keeps_what_waits() {
        try (var stopped = TestServer.start()) {
            ProbeAction.deploy(stopped.client());
            ProbeAction.connect(stopped.client(), "c1");
            mock.hold(7);
            var running = triggerAsync(stopped.raw(), "c1", get(mock, "get", "/items?cursor=7"), 0);
            await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(7));
            var waiting = triggerAsync(stopped.raw(), "c1", "{\"do\": \"count\"}", 0);

            stopped.restart();
            mock.release();

            assertThat(result(stopped.raw(), waiting).text()).isEqualTo("2");
            var cancelled = result(stopped.raw(), running);
            assertThat(cancelled.status()).isEqualTo(500);
            assertThat(cancelled.code()).isEqualTo("action_script_failure");
            assertThat(cancelled.text()).contains("Task " + running + " was cancelled", "\"reason\"");
        }
    }

    @Test
    void results_are_kept_for_five_days() {
        var id = triggerAsync(server.raw(), connection("old"), "{\"do\": \"count\"}", 0);
        result(server.raw(), id);

        tables.execute(
                "UPDATE async_action SET finished_at = finished_at - interval '121 hours' WHERE id = '" + id + "'");
        assertThat(server.raw().get("/action/" + id).status()).isEqualTo(404);

        tables.execute("UPDATE scheduled_tasks SET execution_time = now() WHERE task_name = 'action-retention'");
        await().atMost(LONGEST_WAIT)
                .until(() -> tables.texts("SELECT id::text FROM async_action WHERE id = '" + id + "'")
                        .isEmpty());
    }

    @Test
    void headers_are_checked() {
        var wrong = trigger(server.raw(), "x", "{}", "X-Async", "maybe", "X-Max-Retries", "6");

        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.code()).isEqualTo("invalid_headers");
        assertThat(wrong.json().path("error").path("errors").size()).isEqualTo(2);
        assertThat(server.raw().get("/action/nope").text()).isEqualTo("""
                {"error":{"code":"invalid_uri_params","errors":[{"code":"invalid_format","message":"Invalid UUID",\
                "path":["id"]}]}}""");
    }
}
