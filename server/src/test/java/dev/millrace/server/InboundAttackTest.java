package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.EventFunctions;
import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestServer;
import dev.millrace.server.testkit.WebhookReceiver;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Malicious, malformed and too many webhooks. They must not affect the webhooks of other connections. */
class InboundAttackTest {
    private static final String DEFINITION = """
            code:
                auth_mode: NONE
                display_name: Code
                docs: https://docs.example
                webhook:
                    connections:
                        - { find: connection_id, by: query.nangoConnectionId }
                        - { find: metadata.repositories, by: body.repository.full_name }
                    id: header.x-github-delivery
                    signature:
                        from: header.x-hub-signature-256
                        prefix: sha256=
                        secret: [webhook_secret, metadata.webhookSecret]
                    type: header.x-github-event
                webhook_allowed_query_params: [nangoConnectionId]
            install:
                auth_mode: NONE
                display_name: Install
                docs: https://docs.example
                webhook:
                    connections:
                        - { find: connection_config.installation_id, by: body.installation.id }
                    id: header.x-github-delivery
                    signature:
                        from: header.x-hub-signature-256
                        prefix: sha256=
                    type: header.x-github-event
                webhook_routing_script: githubAppOauthWebhookRouting
            """;

    @TempDir
    static Path folder;

    private static TestServer server;
    private static String environment;

    @BeforeAll
    static void integrations() throws IOException {
        server = TestServer.with(List.of(Files.writeString(folder.resolve("code.yaml"), DEFINITION)));
        environment = TestDatabase.rows(server.databaseUrl(), "SELECT uuid FROM environment WHERE name = 'dev'")
                .getFirst();
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "open"));
        server.client().createIntegration(Map.of("provider", "code", "unique_key", "code"));
        connect("open", "c1", Map.of());
        connect("code", "ours", Map.of("webhookSecret", "s3cret", "repositories", List.of("a/b")));
        // A tenant that claims the repository of another tenant.
        connect("code", "thief", Map.of("webhookSecret", "guess", "repositories", List.of("a/b")));
        connect("code", "mirror", Map.of("webhookSecret", "s3cret", "repositories", List.of("c/d")));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void connect(String integration, String id, Map<String, ?> metadata) {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        integration,
                        "connection_id",
                        id,
                        "credentials",
                        Map.of("type", "NONE"),
                        "metadata",
                        metadata));
    }

    private static Reply send(String integration, Map<String, String> headers, String body) {
        var all = new HashMap<>(headers);
        all.put("Content-Type", "application/json");
        return server.raw()
                .send("POST", "/webhook/" + environment + "/" + integration, all, BodyPublishers.ofString(body));
    }

    private static Reply github(String delivery, String query, String body) throws Exception {
        return signed("code" + query, delivery, body);
    }

    private static Reply signed(String integration, String delivery, String body) throws Exception {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("s3cret".getBytes(UTF_8), "HmacSHA256"));
        var signature = "sha256=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8)));
        return send(
                integration,
                Map.of("X-GitHub-Event", "push", "X-GitHub-Delivery", delivery, "X-Hub-Signature-256", signature),
                body);
    }

    /** The connections of the events with this provider event id. */
    private static List<String> connectionsOf(String providerId) {
        return TestDatabase.rows(
                server.databaseUrl(),
                "SELECT string_agg(c.connection_id, ',') FROM inbound_event e JOIN connection c ON c.id = ANY (e.connections)"
                        + " WHERE e.provider_event_id = '" + providerId + "' GROUP BY e.id ORDER BY e.id");
    }

    @Test
    void a_connection_with_another_secret_does_not_make_the_webhook_of_its_owner_fail() throws Exception {
        var reply = github("d1", "", "{\"repository\":{\"full_name\":\"a/b\"}}");

        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(connectionsOf("d1")).containsExactly("ours");
    }

    @Test
    void a_call_that_names_no_connection_is_not_accepted_without_a_secret() throws Exception {
        var reply = github("d2", "", "{\"repository\":{\"full_name\":\"nobody/knows\"}}");

        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(TestDatabase.rows(
                        server.databaseUrl(), "SELECT id FROM inbound_event WHERE provider_event_id = 'd2'"))
                .isEmpty();
    }

    @Test
    void the_same_event_of_two_connections_reaches_both_and_each_once() throws Exception {
        var body = "{\"zen\":\"x\"}";
        for (var id : List.of("ours", "mirror", "ours", "mirror")) {
            assertThat(github("d3", "?nangoConnectionId=" + id, body).status()).isEqualTo(200);
        }

        assertThat(connectionsOf("d3")).containsExactly("ours", "mirror");
    }

    @Test
    void texts_that_the_database_cannot_store_are_accepted_or_match_nothing() {
        var long_ = "x".repeat(100_000);
        for (var body : List.of(
                "{\"type\":\"a\\u0000b\",\"connectionId\":\"c1\"}",
                "{\"type\":\"\\ud800\",\"connectionId\":\"c1\"}",
                "{\"type\":\"" + long_ + "\",\"connectionId\":\"c1\"}",
                "{\"type\":\"t\",\"connectionId\":\"c1\\u0000\"}",
                "{\"type\":\"t\",\"connectionId\":\"" + long_ + "\"}",
                "{\"type\":\"t\",\"connectionId\":{\"a\":[1]}}",
                "[]",
                "7")) {
            assertThat(send("open", Map.of(), body).status())
                    .as(body.substring(0, Math.min(60, body.length())))
                    .isEqualTo(200);
        }
    }

    @Test
    void a_call_with_too_many_events_is_refused_and_those_beside_it_are_stored() throws Exception {
        server.client()
                .createIntegration(Map.of(
                        "provider",
                        "webhook-token",
                        "unique_key",
                        "many",
                        "custom",
                        Map.of("webhookSecret", "s3cret"),
                        "integration_config",
                        Map.of("events", "body.events", "connectionFrom", "all")));
        var token = Map.of("X-Signature", "s3cret", "X-Webhook-Token", "s3cret");
        var huge = "{\"events\":[" + "0,".repeat(10_000) + "0]}";
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var large = threads.submit(() -> send("many", token, huge).status());
            var small = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 20; i++) {
                small.add(threads.submit(() -> send("open", Map.of(), "{\"type\":\"t\",\"connectionId\":\"c1\"}")
                        .status()));
            }
            assertThat(large.get()).isEqualTo(413);
            for (var one : small) {
                assertThat(one.get()).isEqualTo(200);
            }
        }
    }

    @Test
    void a_webhook_is_refused_with_503_while_the_disk_is_full_and_stored_afterwards() {
        TestDatabase.execute(server.databaseUrl(), """
                CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql
                    AS 'BEGIN RAISE EXCEPTION ''full'' USING ERRCODE = ''53100''; END';
                CREATE TRIGGER disk_full BEFORE INSERT ON inbound_event
                   FOR EACH ROW WHEN (NEW.type = 'disk') EXECUTE FUNCTION disk_full();
                """);
        var body = "{\"type\":\"disk\",\"connectionId\":\"c1\"}";

        var refused = send("open", Map.of(), body);

        assertThat(refused.status()).as(refused.text()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("database_disk_full");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        TestDatabase.execute(server.databaseUrl(), "DROP TRIGGER disk_full ON inbound_event");
        assertThat(send("open", Map.of(), body).status()).isEqualTo(200);
        assertThat(stored("disk")).isEqualTo(1);
    }

    private static int stored(String type) {
        return TestDatabase.rows(server.databaseUrl(), "SELECT id FROM inbound_event WHERE type = '" + type + "'")
                .size();
    }

    @Test
    void webhooks_that_do_not_fit_into_the_queue_are_refused_and_the_others_stored() throws Exception {
        var body = "{\"type\":\"queued\",\"connectionId\":\"c1\",\"text\":\"" + "x".repeat(200_000) + "\"}";
        var replies = new ConcurrentLinkedQueue<Reply>();
        try (var connection = DriverManager.getConnection(server.databaseUrl());
                var statement = connection.createStatement();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE inbound_event IN EXCLUSIVE MODE");
            for (int i = 0; i < 450; i++) {
                threads.execute(() -> replies.add(send("open", Map.of(), body)));
            }
            await().atMost(WebhookReceiver.TIMEOUT)
                    .until(() -> replies.stream().anyMatch(reply -> reply.status() == 503));
            connection.rollback();
        }

        assertThat(replies).hasSize(450).allMatch(reply -> reply.status() == 200 || reply.status() == 503);
        assertThat(replies)
                .filteredOn(reply -> reply.status() == 503)
                .allMatch(reply -> reply.code().equals("overloaded")
                        && reply.headers().firstValue("Retry-After").isPresent());
        assertThat(stored("queued")).isEqualTo((int)
                replies.stream().filter(reply -> reply.status() == 200).count());
    }

    @Test
    void webhooks_beyond_the_limit_of_a_minute_are_refused_if_the_environment_wants_it() throws Exception {
        server.client().createIntegration(Map.of("provider", "webhook-token", "unique_key", "limited"));
        server.raw().patch("/environment/settings", "{\"webhooks\":{\"limit_inbound\":true}}");
        var refused = new AtomicReference<Reply>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                threads.execute(() -> {
                    // The minute may end meanwhile.
                    for (int n = 0; n < 1_200 && refused.get() == null; n++) {
                        // Webhooks without a valid token count too.
                        var reply = send("limited", Map.of(), "{}");
                        if (reply.status() == 429) {
                            refused.set(reply);
                        }
                    }
                });
            }
        } finally {
            server.raw().patch("/environment/settings", "{\"webhooks\":{\"limit_inbound\":false}}");
        }

        var reply = refused.get();
        assertThat(reply).isNotNull();
        assertThat(reply.text()).isEqualTo("{\"error\":\"too_many_requests\"}");
        assertThat(reply.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
        assertThat(reply.headers().firstValue("X-RateLimit-Limit")).contains("4000");
        assertThat(reply.headers().firstValue("X-RateLimit-Remaining")).contains("0");
        assertThat(reply.headers().firstValueAsLong("X-RateLimit-Reset")).isPresent();
        assertThat(send("open", Map.of(), "{}").status()).isEqualTo(200);
    }

    @Test
    void a_body_beyond_the_limit_is_refused_and_a_large_one_does_not_stop_others() throws Exception {
        var large = "{\"type\":\"huge\",\"connectionId\":\"c1\",\"text\":\"" + "x".repeat(40 * 1024 * 1024) + "\"}";
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var sent = threads.submit(() -> send("open", Map.of(), large));
            for (int i = 0; i < 20; i++) {
                assertThat(send("open", Map.of(), "{\"connectionId\":\"c1\"}").status())
                        .isEqualTo(200);
            }
            assertThat(sent.get().status()).as(sent.get().text()).isEqualTo(200);
        }
        assertThat(stored("huge")).isEqualTo(1);

        var refused = send("open", Map.of(), "x".repeat(75 * 1024 * 1024 + 1));

        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.code()).isEqualTo("request_too_large");
    }

    @Test
    void a_webhook_is_refused_with_503_while_the_index_of_its_metadata_path_is_built() throws Exception {
        server.client().createIntegration(Map.of("provider", "code", "unique_key", "late"));
        connect("late", "l1", Map.of("webhookSecret", "s3cret", "repositories", List.of("e/f")));
        var body = "{\"repository\":{\"full_name\":\"e/f\"}}";
        try (var connection = DriverManager.getConnection(server.databaseUrl());
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            // Building the index locks the integration too.
            statement.execute("SELECT id FROM integration WHERE unique_key = 'late' FOR UPDATE");

            var refused = signed("late", "l1", body);

            assertThat(refused.status()).as(refused.text()).isEqualTo(503);
            assertThat(refused.code()).isEqualTo("metadata_index_building");
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            connection.rollback();
        }
        await().atMost(WebhookReceiver.TIMEOUT)
                .until(() -> signed("late", "l1", body).status() == 200);
        assertThat(connectionsOf("l1")).containsExactly("l1");
    }

    @Test
    void the_webhook_of_an_approval_is_stored_before_the_connection_is_validated() throws Exception {
        server.client()
                .createIntegration(Map.of(
                        "provider", "install", "unique_key", "crm", "custom", Map.of("webhookSecret", "s3cret")));
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        "crm",
                        "connection_id",
                        "waits",
                        "credentials",
                        Map.of("type", "NONE"),
                        "connection_config",
                        Map.of("pending", true, "app_id", "1", "handle", "ada")));
        var answered = new AtomicBoolean();
        try (var api = new ScriptedApi()) {
            api.answers(_ -> {
                await().atMost(WebhookReceiver.TIMEOUT).untilTrue(answered);
                return Given.json(200, "{}");
            });
            new EventFunctions()
                    .on(
                            "validate-connection",
                            "slow",
                            "await nango.get({ endpoint: '/', baseUrlOverride: '" + api.url() + "', retries: 0 });")
                    .deploy(server.client(), List.of());

            var reply = signed(
                    "crm",
                    "approval",
                    "{\"action\":\"created\",\"requester\":{\"login\":\"ada\"},\"installation\":{\"id\":77,\"app_id\":1}}");

            assertThat(reply.status()).as(reply.text()).isEqualTo(200);
            assertThat(connectionsOf("approval")).containsExactly("waits");
            // The validation has begun, and it cannot end before this.
            await().atMost(WebhookReceiver.TIMEOUT).until(() -> !api.asked().isEmpty());
            answered.set(true);
        }
    }

    @Test
    void the_list_is_read_without_the_bodies() {
        send("open", Map.of(), "{\"type\":\"listed\",\"connectionId\":\"c1\",\"secret\":\"body\"}");

        var listed = server.raw().get("/webhooks/received?provider_config_key=open&limit=1000");

        assertThat(listed.status()).as(listed.text()).isEqualTo(200);
        assertThat(listed.text()).contains("\"listed\"").doesNotContain("\"secret\"");
    }
}
