package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.SentEvents;
import dev.millrace.server.testkit.ServerProcess;
import dev.millrace.server.testkit.StoreServer;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestFolder;
import dev.millrace.server.testkit.TestServer;
import dev.millrace.server.testkit.WebhookReceiver;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several servers on one database share the delivery of webhooks. No event is lost when a server is killed. */
@Timeout(240)
class WebhookClusterTest {
    private static final String SETTINGS = """
            {"webhooks":{"on_metadata_change":true,"on_auth_creation":false,"primary_url":%s}}""";

    private static void connect(RawClient client, String id) {
        var reply = client.post("/connections", """
                {"provider_config_key":"crm","connection_id":"%s","credentials":{"type":"NONE"}}""".formatted(id));
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
    }

    private static String key(ScriptedApi.Asked asked) {
        var body = RawClient.JSON.readTree(asked.body());
        return body.path("connectionId").asString() + ' ' + body.path("version").asString();
    }

    @Test
    void committed_events_of_a_killed_server_are_delivered() throws Exception {
        var folder = TestFolder.create("webhook-kill");
        var database = TestDatabase.freshUrl();
        Set<String> written = ConcurrentHashMap.newKeySet();
        var released = new CompletableFuture<Integer>();
        try (var receiver = new WebhookReceiver();
                var first = ServerProcess.start(data(folder, 0), database)) {
            // No response before the kill: a failed attempt would open the circuit breaker for a minute.
            receiver.respondWithStatus(_ -> released.join());
            StoreServer.shareKeys(data(folder, 0), data(folder, 1));
            first.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
            first.raw().patch("/environment/settings", SETTINGS.formatted('"' + receiver.url("/hook") + '"'));
            for (int i = 0; i < 4; i++) {
                connect(first.raw(), "c" + i);
            }
            var writers = new ArrayList<Future<?>>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 4; i++) {
                    var id = "c" + i;
                    writers.add(threads.submit(() -> {
                        for (int n = 1; ; n++) {
                            first.client().updateMetadata(new ConnectionRef("crm", id), Map.of("n", n));
                            // The import created version 1 with an empty object.
                            written.add(id + ' ' + (n + 1));
                        }
                    }));
                }
                await().atMost(WebhookReceiver.TIMEOUT).until(() -> written.size() > 100);
                first.kill();
                threads.shutdownNow();
            }
            assertThat(writers).hasSize(4).allMatch(Future::isDone);
            int before = receiver.received("/hook").size();

            try (var _ = ServerProcess.start(data(folder, 1), database)) {
                released.complete(200);
                await().atMost(WebhookReceiver.TIMEOUT).untilAsserted(() -> {
                    Set<String> arrived = new HashSet<>();
                    var requests = receiver.received("/hook");
                    requests.subList(before, requests.size()).forEach(asked -> arrived.add(key(asked)));
                    assertThat(arrived).containsAll(written);
                });
                var requests = receiver.received("/hook");
                for (int i = 0; i < 4; i++) {
                    var id = "c" + i;
                    var order = requests.subList(before, requests.size()).stream()
                            .map(WebhookClusterTest::key)
                            .filter(key -> key.startsWith(id + ' '))
                            .map(key -> Integer.parseInt(key.split(" ", -1)[1]))
                            .distinct()
                            .toList();
                    assertThat(order).as(id).isSorted();
                }
            }
        } finally {
            TestFolder.delete(folder);
        }
    }

    private static Path data(Path folder, int server) {
        return folder.resolve("data-" + server);
    }

    @Test
    void polling_returns_every_event_once_during_concurrent_writes() throws Exception {
        try (var one = TestServer.start();
                var two = one.startPeer()) {
            one.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
            one.raw().patch("/environment/settings", SETTINGS.formatted("null"));
            // The other server uses the new settings within a second.
            connect(one.raw(), "warm-up");
            await().atMost(WebhookReceiver.TIMEOUT).until(() -> {
                two.client().updateMetadata(new ConnectionRef("crm", "warm-up"), Map.of("n", Math.random()));
                return SentEvents.of(two).size() > 1;
            });
            for (int i = 0; i < 8; i++) {
                connect(one.raw(), "p" + i);
            }
            var writing = new AtomicBoolean(true);
            var polled = new ArrayList<String>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var writers = new ArrayList<Future<?>>();
                for (int i = 0; i < 8; i++) {
                    var ref = new ConnectionRef("crm", "p" + i);
                    var client = i % 2 == 0 ? one.client() : two.client();
                    writers.add(threads.submit(() -> {
                        for (int n = 1; n <= 60; n++) {
                            client.updateMetadata(ref, Map.of("n", n));
                        }
                    }));
                }
                var poller = threads.submit(() -> {
                    var cursor = "";
                    for (boolean last = false; ; ) {
                        var page = two.raw()
                                .get("/webhooks/events?limit=7" + cursor)
                                .json();
                        page.path("data")
                                .forEach(event -> polled.add(
                                        event.at("/body/connectionId").asString()
                                                + ' '
                                                + event.at("/body/version").asString()));
                        cursor = "&cursor=" + page.path("next_cursor").asString();
                        if (page.path("data").isEmpty()) {
                            if (last) {
                                return;
                            }
                            last = !writing.get();
                        }
                    }
                });
                try {
                    for (var writer : writers) {
                        writer.get();
                    }
                    // Committed events get their sequence numbers within a second.
                    await().atMost(WebhookReceiver.TIMEOUT)
                            .untilAsserted(() -> assertThat(SentEvents.of(one))
                                    .filteredOn(body -> !body.contains("warm-up"))
                                    .hasSize(8 * 61));
                } finally {
                    // The poller ends after a failure too.
                    writing.set(false);
                }
                poller.get();
            }

            polled.removeIf(key -> key.startsWith("warm-up"));
            assertThat(polled).hasSize(8 * 61).doesNotHaveDuplicates();
            for (int i = 0; i < 8; i++) {
                var id = "p" + i + ' ';
                assertThat(polled.stream().filter(key -> key.startsWith(id)).toList())
                        .containsExactlyElementsOf(versions(id));
            }
        }
    }

    private static List<String> versions(String id) {
        var versions = new ArrayList<String>();
        for (int n = 1; n <= 61; n++) {
            versions.add(id + n);
        }
        return versions;
    }

    @Test
    void no_event_is_sent_after_the_deletion_of_its_connection() throws Exception {
        try (var receiver = new WebhookReceiver();
                var server = TestServer.start()) {
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
            server.raw().patch("/environment/settings", SETTINGS.formatted('"' + receiver.url("/hook") + '"'));
            connect(server.raw(), "gone");
            var failing = new AtomicBoolean(true);
            receiver.respondWithStatus(_ -> failing.get() ? 503 : 200);
            server.client().setMetadata(new ConnectionRef("crm", "gone"), Map.of("n", 1));
            server.raw().delete("/connections/gone?provider_config_key=crm");
            receiver.awaitRequests("/hook", 2);
            failing.set(false);

            receiver.awaitBody(
                    "/hook", body -> body.path("operation").asString("").equals("deletion"));

            assertThat(receiver.bodies("/hook").getLast().path("operation").asString())
                    .isEqualTo("deletion");
            var types = receiver.bodies("/hook").stream()
                    .map(body -> body.path("type").asString())
                    .distinct()
                    .toList();
            assertThat(types).containsExactly("metadata", "auth");
        }
    }

    @Test
    void events_are_removed_after_the_retention_period() throws Exception {
        try (var server = TestServer.start();
                var tables = new KeyTables(server.databaseUrl())) {
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
            server.raw()
                    .send(
                            "PATCH",
                            "/environment/settings",
                            Map.of("Content-Type", "application/json"),
                            BodyPublishers.ofString(SETTINGS.formatted("null")));
            connect(server.raw(), "c");
            for (int n = 1; n <= 3; n++) {
                server.client().setMetadata(new ConnectionRef("crm", "c"), Map.of("n", n));
            }
            server.client()
                    .createIntegration(
                            Map.of("provider", "unauthenticated", "unique_key", "quiet", "forward_webhooks", false));
            var environment = tables.texts("SELECT uuid::text FROM environment WHERE name = 'dev'")
                    .getFirst();
            for (var type : List.of("old", "new")) {
                server.raw().post("/webhook/" + environment + "/quiet", "{\"type\":\"" + type + "\"}");
            }
            await().atMost(WebhookReceiver.TIMEOUT)
                    .until(() -> SentEvents.of(server).size() == 4);
            assertThat(tables.texts("SELECT encode(body, 'escape') FROM webhook_event"))
                    .noneMatch(body -> body.contains("providerConfigKey"));
            tables.execute("UPDATE webhook_event SET created_at = now() - interval '8 days' WHERE seq <= 2");
            tables.execute("UPDATE inbound_event SET received_at = now() - interval '8 days' WHERE type = 'old'");

            server.restart();

            await().atMost(WebhookReceiver.TIMEOUT)
                    .until(() -> SentEvents.of(server).size() == 2
                            && tables.texts("SELECT type FROM inbound_event").equals(List.of("new")));
        }
    }
}
