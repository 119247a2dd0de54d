package dev.millrace.server;

import static dev.millrace.server.testkit.ProbeAction.get;
import static dev.millrace.server.testkit.ProbeAction.trigger;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of actions with an {@code Idempotency-Key}, at two servers on one database. */
@Timeout(300)
class IdempotencyTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final String HEADER = "Idempotency-Key";
    private static final int CLIENTS = 16;
    private static final TestServer server = TestServer.start();
    private static final MockApi mock = new MockApi();

    private static TestServer peer;
    private static KeyTables tables;

    @BeforeAll
    static void deploy() {
        ProbeAction.deploy(server.client());
        peer = server.startPeer();
        tables = new KeyTables(server.databaseUrl());
    }

    @AfterAll
    static void stop() {
        tables.close();
        peer.close();
        server.close();
        mock.close();
    }

    private static String connection(String id) {
        ProbeAction.connect(server.client(), id);
        return id;
    }

    private static boolean replayed(RawClient.Reply reply) {
        return reply.headers().firstValue("Idempotency-Replayed").equals(Optional.of("true"));
    }

    /** How often the probe ran on a connection. */
    private static String runs(String connection) {
        return tables.texts("SELECT count(*)::text FROM run JOIN connection c ON c.id = run.connection_id"
                        + " WHERE c.connection_id = '" + connection + "'")
                .getFirst();
    }

    @Test
    void the_first_result_is_given_again_at_any_server() {
        var connection = connection("again");

        var first = trigger(server.raw(), connection, "{\"do\": \"count\"}", HEADER, "again");
        var second = trigger(peer.raw(), connection, "{ \"do\":\"count\" }", HEADER, "again");
        var other = trigger(peer.raw(), connection, "{\"do\": \"count\"}", HEADER, "other");

        assertThat(first.text()).isEqualTo("1");
        assertThat(replayed(first)).isFalse();
        assertThat(second.text()).isEqualTo("1");
        assertThat(replayed(second)).isTrue();
        assertThat(other.text()).isEqualTo("2");
    }

    @Test
    void a_failure_is_given_again_too() {
        var connection = connection("failure");

        var first = trigger(server.raw(), connection, "{\"do\": \"actionError\"}", HEADER, "failure");
        var second = trigger(server.raw(), connection, "{\"do\": \"actionError\"}", HEADER, "failure");

        assertThat(second.status()).isEqualTo(500).isEqualTo(first.status());
        assertThat(second.text()).isEqualTo(first.text());
        assertThat(replayed(second)).isTrue();
        assertThat(runs(connection)).isEqualTo("1");
    }

    @Test
    void a_call_refused_before_its_start_leaves_the_idempotency_key_free() {
        var refused = trigger(server.raw(), "not-yet", "{\"do\": \"count\"}", HEADER, "early");
        var connection = connection("not-yet");

        assertThat(refused.code()).isEqualTo("unknown_connection");
        assertThat(trigger(server.raw(), connection, "{\"do\": \"count\"}", HEADER, "early")
                        .text())
                .isEqualTo("1");
    }

    @Test
    void another_call_with_the_same_key_is_refused() {
        var connection = connection("strict");
        trigger(server.raw(), connection, "{\"do\": \"count\"}", HEADER, "strict");

        var input = trigger(server.raw(), connection, "{\"do\": \"nothing\"}", HEADER, "strict");
        var place = trigger(server.raw(), connection("elsewhere"), "{\"do\": \"count\"}", HEADER, "strict");
        var mode = trigger(server.raw(), connection, "{\"do\": \"count\"}", HEADER, "strict", "X-Async", "true");

        for (var reply : List.of(input, place, mode)) {
            assertThat(reply.status()).isEqualTo(422);
            assertThat(reply.code()).isEqualTo("idempotency_key_reused");
            assertThat(reply.text()).contains("The Idempotency-Key 'strict'");
        }
        assertThat(runs(connection)).isEqualTo("1");
    }

    @Test
    void sixteen_clients_at_two_servers_make_one_run() throws Exception {
        var connection = connection("crowd");
        mock.hold(2);
        var input = get(mock, "get and count", "/items?cursor=2");
        var replies = new ArrayList<RawClient.Reply>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Future<RawClient.Reply>>();
            for (int i = 0; i < CLIENTS; i++) {
                var raw = i % 2 == 0 ? server.raw() : peer.raw();
                calls.add(threads.submit(() -> trigger(raw, connection, input, HEADER, "crowd")));
            }
            await().atMost(LONGEST_WAIT).until(() -> !mock.cursors().isEmpty());
            mock.release();
            for (var call : calls) {
                replies.add(call.get());
            }
        }

        assertThat(replies)
                .allMatch(reply -> reply.status() == 200 && reply.text().equals("1"));
        assertThat(replies.stream().filter(IdempotencyTest::replayed)).hasSize(CLIENTS - 1);
        assertThat(runs(connection)).isEqualTo("1");
    }

    @Test
    void an_asynchronous_call_is_accepted_once() {
        var connection = connection("async");

        var first = trigger(server.raw(), connection, "{\"do\": \"count\"}", HEADER, "async", "X-Async", "1");
        var second = trigger(peer.raw(), connection, "{\"do\": \"count\"}", HEADER, "async", "X-Async", "1");

        assertThat(second.status()).isEqualTo(202).isEqualTo(first.status());
        assertThat(second.text()).isEqualTo(first.text());
        assertThat(second.headers().firstValue("Location"))
                .isEqualTo(first.headers().firstValue("Location"));
        var id = first.json().path("id").asString();
        assertThat(ProbeAction.result(server.raw(), id).text()).isEqualTo("1");
        assertThat(runs(connection)).isEqualTo("1");
    }

    @Test
    void a_key_is_free_again_after_a_day() {
        var connection = connection("day");
        trigger(server.raw(), connection, "{\"do\": \"count\"}", HEADER, "day");

        tables.execute("UPDATE idempotent_call SET created_at = now() - interval '25 hours' WHERE key = 'day'");

        assertThat(trigger(server.raw(), connection, "{\"do\": \"answer\", \"value\": 9}", HEADER, "day")
                        .text())
                .isEqualTo("9");
    }

    @Test
    void the_call_of_a_process_that_fell_silent_is_lost_and_not_repeated() throws Exception {
        var connection = connection("silent");
        mock.hold(3);
        var input = get(mock, "get and count", "/items?cursor=3");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var owner = threads.submit(() -> trigger(server.raw(), connection, input, HEADER, "silent"));
            await().atMost(LONGEST_WAIT).until(() -> !mock.cursors().isEmpty());
            // As if it were the call of a server that is gone.
            tables.execute("UPDATE idempotent_call SET process = gen_random_uuid() WHERE key = 'silent'");

            var joined = trigger(peer.raw(), connection, input, HEADER, "silent");
            mock.release();

            assertThat(joined.status()).isEqualTo(500);
            assertThat(joined.text()).contains("action_script_failure", "heartbeatTimeoutSecs_exceeded");
            assertThat(owner.get().text()).isEqualTo("1");
        }
        // It was alive after all: what it found out counts from now on.
        assertThat(trigger(peer.raw(), connection, input, HEADER, "silent").text())
                .isEqualTo("1");
        assertThat(runs(connection)).isEqualTo("1");
    }

    @Test
    void keys_have_a_length() {
        var tooLong = trigger(server.raw(), "x", "{}", HEADER, "k".repeat(256));

        assertThat(tooLong.status()).isEqualTo(400);
        assertThat(tooLong.text()).contains("invalid_headers", "too_big", "idempotency-key");
    }
}
