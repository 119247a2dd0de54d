package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Malicious and malformed webhooks. They must not affect the webhooks of other connections. */
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
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("s3cret".getBytes(UTF_8), "HmacSHA256"));
        var signature = "sha256=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8)));
        return send(
                "code" + query,
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
    void the_list_is_read_without_the_bodies() {
        send("open", Map.of(), "{\"type\":\"listed\",\"connectionId\":\"c1\",\"secret\":\"body\"}");

        var listed = server.raw().get("/webhooks/received?provider_config_key=open&limit=1000");

        assertThat(listed.status()).as(listed.text()).isEqualTo(200);
        assertThat(listed.text()).contains("\"listed\"").doesNotContain("\"secret\"");
    }
}
