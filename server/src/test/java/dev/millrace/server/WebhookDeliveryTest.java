package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestServer;
import dev.millrace.server.testkit.WebhookReceiver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Delivery of webhooks to an application that fails, responds late or redirects. */
@Timeout(180)
class WebhookDeliveryTest {
    private static final AtomicInteger CONNECTIONS = new AtomicInteger();

    private static WebhookReceiver receiver;
    private static TestServer server;
    private static KeyTables tables;

    @BeforeAll
    static void start() {
        receiver = new WebhookReceiver();
        server = TestServer.start();
        tables = new KeyTables(server.databaseUrl());
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
    }

    @AfterAll
    static void stop() {
        tables.close();
        server.close();
        receiver.close();
    }

    @BeforeEach
    void enable_only_metadata_webhooks() {
        tables.execute("UPDATE webhook_destination SET failures = 0, closed_until = NULL");
        receiver.respondWithStatus(_ -> 200);
        settings("\"on_metadata_change\":true,\"on_auth_creation\":false,\"on_connection_deletion\":false,"
                + "\"retry_for_a_day\":true,\"primary_url\":null,\"secondary_url\":null");
    }

    private static void settings(String webhooks) {
        var reply = server.raw().patch("/environment/settings", "{\"webhooks\":{" + webhooks + "}}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    }

    /**
     * Creates a connection.
     *
     * @param url the webhook address of the connection; empty: none
     */
    private static ConnectionRef connection(String url) {
        var id = "c" + CONNECTIONS.incrementAndGet();
        // Creating a connection changes its metadata as well.
        settings("\"on_metadata_change\":false");
        var reply = server.raw().post("/connections", """
                {"provider_config_key":"crm","connection_id":"%s","credentials":{"type":"NONE"}%s}""".formatted(
                        id, url.isEmpty() ? "" : ",\"webhook_url_override\":\"" + url + "\""));
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        settings("\"on_metadata_change\":true");
        return new ConnectionRef("crm", id);
    }

    private static void change(ConnectionRef connection, int value) {
        server.client().setMetadata(connection, Map.of("value", value));
    }

    private static JsonNode deliveries(ConnectionRef connection, String query) {
        return server.raw()
                .get("/webhooks/deliveries?connection_id=" + connection.connection() + query)
                .json()
                .path("data");
    }

    private static JsonNode delivery(ConnectionRef connection, String state) {
        return await().atMost(WebhookReceiver.TIMEOUT)
                .until(() -> deliveries(connection, "&state=" + state).path(0), found -> !found.isMissingNode());
    }

    private static List<Integer> values(List<Asked> requests) {
        return requests.stream()
                .map(asked -> RawClient.JSON.readTree(asked.body()))
                .map(body -> body.at("/patch/0/value").asInt())
                .toList();
    }

    @Test
    void a_failed_delivery_is_retried_with_the_same_body_and_id_until_it_succeeds() {
        var connection = connection(receiver.url("/again"));
        var attempts = new AtomicInteger();
        receiver.respondWithStatus(_ -> attempts.incrementAndGet() < 3 ? 503 : 204);

        change(connection, 1);

        var requests = receiver.awaitRequests("/again", 3);
        assertThat(requests)
                .extracting(Asked::text)
                .containsOnly(requests.getFirst().text());
        for (var header : List.of("x-millrace-delivery-id", "webhook-id", "x-nango-signature", "x-nango-hmac-sha256")) {
            assertThat(requests)
                    .extracting(asked -> asked.header(header))
                    .hasSize(3)
                    .containsOnly(requests.getFirst().header(header));
        }
        var delivered = delivery(connection, "delivered");
        assertThat(delivered.path("attempts").asInt()).isEqualTo(3);
        assertThat(delivered.path("status").asInt()).isEqualTo(204);
        assertThat(delivered.path("event_id").asString())
                .isEqualTo(requests.getFirst().header("webhook-id"));
        await().atMost(WebhookReceiver.TIMEOUT)
                .untilAsserted(() -> assertThat(server.raw()
                                .get("/logs/operations?kind=webhook&connection_id=" + connection.connection())
                                .json()
                                .path("data")
                                .valueStream()
                                .map(operation -> operation.path("status").asString()))
                        .containsExactly("success", "failed", "failed"));
    }

    @ParameterizedTest
    @CsvSource({"404, 1", "400, 1", "304, 1", "303, 1", "429, 5", "408, 5", "500, 5"})
    void a_delivery_that_keeps_failing_becomes_dead_and_can_be_replayed(int status, int attempts) {
        var connection = connection(receiver.url("/dead" + status));
        receiver.respondWithStatus(_ -> status);

        change(connection, 1);
        var dead = delivery(connection, "dead");

        assertThat(dead.path("attempts").asInt()).isEqualTo(attempts);
        assertThat(dead.path("error").asString()).isEqualTo("The receiver responded with status " + status);
        assertThat(receiver.received("/dead" + status)).hasSize(attempts);
        tables.execute("UPDATE webhook_destination SET failures = 0, closed_until = NULL");
        receiver.respondWithStatus(_ -> 200);
        var replay = server.raw().post("/webhooks/deliveries/" + dead.path("id").asString() + "/replay", "");
        assertThat(replay.status()).as(replay.text()).isEqualTo(200);
        assertThat(delivery(connection, "delivered").path("id")).isEqualTo(dead.path("id"));
        assertThat(receiver.awaitRequests("/dead" + status, 1).getFirst().header("webhook-id"))
                .isEqualTo(dead.path("event_id").asString());
    }

    @Test
    void three_attempts_are_made_when_retry_for_a_day_is_off() {
        settings("\"retry_for_a_day\":false");
        var connection = connection(receiver.url("/three"));
        receiver.respondWithStatus(_ -> 500);

        change(connection, 1);

        assertThat(delivery(connection, "dead").path("attempts").asInt()).isEqualTo(3);
    }

    @Test
    void dead_deliveries_since_a_time_can_be_replayed() {
        var connection = connection(receiver.url("/since"));
        receiver.respondWithStatus(_ -> 410);
        for (int i = 1; i <= 3; i++) {
            change(connection, i);
        }
        await().atMost(WebhookReceiver.TIMEOUT)
                .until(() -> deliveries(connection, "&state=dead").size() == 3);
        var second =
                deliveries(connection, "&state=dead").get(1).path("created_at").asString();
        receiver.respondWithStatus(_ -> 200);

        var replay = server.raw().post("/webhooks/deliveries/replay", "{\"since\":\"" + second + "\"}");

        assertThat(replay.status()).as(replay.text()).isEqualTo(200);
        assertThat(replay.json().path("replayed").asInt()).isEqualTo(2);
        assertThat(values(receiver.awaitRequests("/since", 2))).containsExactly(2, 3);
    }

    @Test
    void a_hanging_receiver_times_out_but_an_incomplete_response_body_is_accepted() throws Exception {
        var hanging = connection(receiver.url("/hang"));
        var end = new CountDownLatch(1);
        receiver.respondWithStatus(_ -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return 200;
        });
        try (var slowServer = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var slow = connection("http://localhost:" + slowServer.getLocalPort() + "/slow");
            change(hanging, 1);
            change(slow, 1);

            try (var accepted = slowServer.accept()) {
                accepted.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{".getBytes(UTF_8));
                assertThat(delivery(slow, "delivered").path("attempts").asInt()).isEqualTo(1);
            }
            assertThat(delivery(hanging, "waiting").path("error").asString(""))
                    .satisfiesAnyOf(
                            error -> assertThat(error).isEmpty(),
                            error -> assertThat(error).isEqualTo("ECONNABORTED: timeout exceeded"));
            await().atMost(WebhookReceiver.TIMEOUT)
                    .until(() ->
                            deliveries(hanging, "").path(0).path("attempts").asInt() > 0);
            assertThat(deliveries(hanging, "").path(0).path("error").asString())
                    .isEqualTo("ECONNABORTED: timeout exceeded");
        } finally {
            end.countDown();
        }
    }

    @Test
    void at_most_five_redirects_are_followed_with_the_body() {
        receiver.respondWith(asked -> {
            int step = asked.path().length() - "/r".length();
            boolean redirects = asked.path().startsWith("/loop") || step < 3;
            return redirects
                    ? new Given(step == 1 ? 301 : 307, Map.of("location", asked.path() + "x"), new byte[0])
                    : Given.json(200, "{}");
        });
        var connection = connection(receiver.url("/r"));
        var endless = connection(receiver.url("/loop"));

        change(connection, 1);
        change(endless, 1);

        var arrived = receiver.awaitRequests("/rxxx", 1).getFirst();
        assertThat(arrived.method()).isEqualTo("POST");
        assertThat(arrived.text()).isEqualTo(receiver.received("/r").getFirst().text());
        assertThat(delivery(connection, "delivered").path("attempts").asInt()).isEqualTo(1);
        assertThat(delivery(endless, "dead").path("status").asInt()).isEqualTo(307);
        assertThat(receiver.received("/loopxxxxx")).hasSize(1);
        assertThat(receiver.received("/loopxxxxxx")).isEmpty();
    }

    @Test
    void forbidden_addresses_are_skipped_and_redirects_to_them_fail() {
        receiver.respondWith(_ -> new Given(307, Map.of("location", "http://169.254.169.254/latest"), new byte[0]));
        var redirected = connection(receiver.url("/away"));
        var refused = connection(receiver.url("/unused"));
        tables.execute("UPDATE connection SET webhook_url_override = 'http://10.0.0.1/hook' WHERE connection_id = '"
                + refused.connection() + "'");

        change(redirected, 1);
        change(refused, 1);

        assertThat(delivery(refused, "skipped").path("error").asString()).contains("10.0.0.1");
        assertThat(delivery(redirected, "dead").path("error").asString()).startsWith("Redirected: ");
        await().atMost(WebhookReceiver.TIMEOUT)
                .untilAsserted(() -> assertThat(server.raw()
                                .get("/logs/lines?kind=webhook&level=warn&connection_id=" + refused.connection())
                                .json()
                                .path("data")
                                .toString())
                        .contains("10.0.0.1")
                        .contains("\"warn\""));
    }

    @Test
    void events_of_each_connection_stay_in_order_and_do_not_wait_for_other_connections() {
        var first = connection(receiver.url("/first"));
        var second = connection(receiver.url("/second"));
        var healthy = new AtomicBoolean();
        receiver.respondWithStatus(asked -> asked.path().equals("/second") || healthy.get() ? 200 : 429);

        for (int i = 1; i <= 20; i++) {
            change(first, i);
            change(second, i);
        }

        assertThat(values(receiver.awaitRequests("/second", 20))).isSorted().doesNotHaveDuplicates();
        assertThat(values(receiver.received("/first"))).isSorted().doesNotContain(20);
        healthy.set(true);
        await().atMost(WebhookReceiver.TIMEOUT)
                .until(() -> deliveries(first, "&state=waiting").isEmpty());
        var order = values(receiver.received("/first"));
        assertThat(order).isSorted();
        assertThat(order.stream().distinct()).hasSize(20);
    }

    @Test
    void the_circuit_breaker_opens_for_a_failing_address() {
        var healthy = new AtomicBoolean();
        receiver.respondWithStatus(asked -> asked.path().equals("/fine") || healthy.get() ? 200 : 500);
        var one = connection(receiver.url("/broken"));
        var all = List.of(one, connection(receiver.url("/broken")), connection(receiver.url("/broken")));

        all.forEach(connection -> change(connection, 1));

        await().atMost(WebhookReceiver.TIMEOUT)
                .until(() -> tables.texts("SELECT count(*) FROM webhook_destination WHERE closed_until > now()")
                        .equals(List.of("1")));
        int attempts = receiver.received("/broken").size();
        assertThat(attempts).isBetween(5, 7);
        var fine = connection(receiver.url("/fine"));
        change(fine, 1);
        assertThat(delivery(fine, "delivered").path("attempts").asInt()).isEqualTo(1);
        healthy.set(true);
        for (var connection : all) {
            delivery(connection, "delivered");
        }
        // One trial request is sent first, then the others.
        assertThat(receiver.received("/broken").size() - attempts).isBetween(3, 5);
    }

    @Test
    void the_address_of_a_connection_replaces_both_addresses_of_the_environment() throws Exception {
        settings("\"primary_url\":\"" + receiver.url("/primary") + "\",\"secondary_url\":\""
                + receiver.url("/secondary") + "\"");
        var own = connection(receiver.url("/own"));
        var plain = connection("");

        change(own, 7);
        change(plain, 8);

        assertThat(values(receiver.awaitRequests("/primary", 1))).containsExactly(8);
        assertThat(values(receiver.awaitRequests("/secondary", 1))).containsExactly(8);
        assertThat(values(receiver.awaitRequests("/own", 1))).containsExactly(7);
        assertThat(receiver.received("/primary").getFirst().header("webhook-id"))
                .isEqualTo(receiver.received("/secondary").getFirst().header("webhook-id"));
        assertThat(deliveries(plain, "")
                        .valueStream()
                        .map(d -> d.path("destination").asString()))
                .containsExactlyInAnyOrder("primary", "secondary");
    }

    @Test
    void a_rotated_key_still_signs_the_standard_webhooks_header_for_a_day() throws IOException {
        var connection = connection(receiver.url("/keys"));
        change(connection, 1);
        var before = receiver.awaitRequests("/keys", 1).getFirst();
        server.raw().post("/environment/webhook-signing-key/rotate", "");

        await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
        change(connection, 2);

        var after = receiver.awaitRequests("/keys", 2).getLast();
        assertThat(before.header("webhook-signature")).doesNotContain(" ");
        assertThat(after.header("webhook-signature").split(" ", -1)).hasSize(2).allMatch(s -> s.startsWith("v1,"));
        tables.execute("UPDATE signing_key SET retired_at = now() - interval '25 hours' WHERE retired_at IS NOT NULL");
        await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
        change(connection, 3);
        assertThat(receiver.awaitRequests("/keys", 3).getLast().header("webhook-signature"))
                .doesNotContain(" ");
    }
}
