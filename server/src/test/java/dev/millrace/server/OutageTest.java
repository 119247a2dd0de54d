package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.MillraceClient;
import dev.millrace.server.testkit.ContactSync;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.OwnPostgres;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.RotatingProvider;
import dev.millrace.server.testkit.TestConfig;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestFolder;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server does while its database is away, and afterwards. */
@Tag("slow")
@Timeout(300)
class OutageTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final int HELD_FROM = 1_000;

    private final Path data = TestFolder.create("outage");
    private final MockApi mock = new MockApi();

    @AfterEach
    void stop() {
        mock.close();
        TestFolder.delete(data);
    }

    private Server server(OwnPostgres postgres) {
        var server = new Server(TestConfig.of(data, Optional.of(postgres.url())));
        server.start();
        return server;
    }

    private static URI url(Server server) {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    private static String key(Server server) {
        return server.defaultKey().secret().orElseThrow();
    }

    @Test
    void a_sync_outlives_restarts_of_the_database() throws Exception {
        try (var postgres = OwnPostgres.start();
                var server = server(postgres);
                var client = MillraceClient.of(url(server), key(server));
                var raw = new RawClient(url(server), key(server))) {
            ContactSync.deploy(client);
            var connection = ContactSync.connect(client, "c1", mock);
            mock.hold(HELD_FROM);
            ContactSync.trigger(client, connection);
            await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(HELD_FROM));

            mock.forgetCursors();
            mock.release();
            postgres.kill();

            await().atMost(LONGEST_WAIT)
                    .ignoreExceptions()
                    .until(() -> raw.get("/sync/status?syncs=contacts&provider_config_key=crm&connection_id=c1")
                            .json()
                            .path("syncs")
                            .path(0)
                            .path("latestExecutionStatus")
                            .asString("")
                            .equals("SUCCESS"));
            assertThat(mock.cursors()).doesNotContain(0, HELD_FROM - 100);
            assertThat(ContactSync.records(client, connection)).hasSize(ContactSync.TOTAL);
            await().atMost(LONGEST_WAIT)
                    .until(() -> raw.get("/logs/operations?status=running")
                            .json()
                            .path("data")
                            .isEmpty());
        }
    }

    /** The provider has replaced the refresh token by then. */
    @Test
    void a_token_received_during_a_database_outage_is_stored_afterwards() throws Exception {
        try (var provider = new RotatingProvider();
                var postgres = OwnPostgres.start();
                var server = rotating(postgres, provider);
                var raw = new RawClient(url(server), key(server))) {
            raw.post("/integrations", """
                    {"provider":"rotating","unique_key":"rotating",\
                    "credentials":{"type":"OAUTH2","client_id":"id","client_secret":"secret"}}""");
            raw.post("/connections", """
                    {"provider_config_key":"rotating","connection_id":"c","credentials":{"type":"OAUTH2",\
                    "access_token":"old","refresh_token":"%s","expires_at":"2020-01-01T00:00:00Z"}}\
                    """.formatted(provider.grant("c")));
            provider.beforeAnswer(postgres::kill);

            raw.get("/connections/c?provider_config_key=rotating");

            await().atMost(LONGEST_WAIT)
                    .ignoreExceptions()
                    .until(() -> raw.get("/connections/c?provider_config_key=rotating")
                            .json()
                            .at("/credentials/access_token")
                            .asString("")
                            .equals("access-c/1"));
            assertThat(provider.answered()).isEqualTo(1);
        }
    }

    private Server rotating(OwnPostgres postgres, RotatingProvider provider) throws IOException {
        var definitions = Files.writeString(
                data.resolveSibling(data.getFileName() + ".yaml"), """
                rotating:
                    display_name: Rotating
                    docs: https://docs.example
                    auth_mode: OAUTH2
                    authorization_url: @api/authorize
                    token_url: @api/token
                    proxy: {base_url: @api}
                """.replace("@api", provider.url()));
        var server = new Server(TestConfig.of(data, Optional.of(postgres.url()), List.of(definitions)));
        server.start();
        return server;
    }

    @Test
    void requests_are_answered_during_a_database_outage() throws Exception {
        var postgres = OwnPostgres.start();
        try (var server = server(postgres);
                var raw = new RawClient(url(server), key(server))) {
            assertThat(raw.get("/ready").status()).isEqualTo(200);

            postgres.close();

            var began = System.nanoTime();
            var refused = raw.get("/integrations");
            assertThat(refused.status()).as(refused.toString()).isEqualTo(503);
            assertThat(refused.code()).isEqualTo("database_unavailable");
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
            var ready = raw.get("/ready");
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.code()).isEqualTo("database_unavailable");
            assertThat(raw.get("/health").status()).isEqualTo(200);
        }
    }

    @Test
    void webhooks_that_were_accepted_during_a_crash_of_the_database_are_stored() throws Exception {
        Set<String> accepted = ConcurrentHashMap.newKeySet();
        var refused = new AtomicInteger();
        var others = new ConcurrentLinkedQueue<String>();
        try (var postgres = OwnPostgres.start();
                var server = server(postgres);
                var raw = new RawClient(url(server), key(server));
                var client = MillraceClient.of(url(server), key(server))) {
            client.createIntegration(
                    Map.of("provider", "unauthenticated", "unique_key", "hooks", "forward_webhooks", false));
            var path = "/webhook/"
                    + TestDatabase.rows(postgres.url(), "SELECT uuid FROM environment WHERE name = 'dev'")
                            .getFirst()
                    + "/hooks";
            var stopped = new AtomicBoolean();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int sender = 0; sender < 4; sender++) {
                    int number = sender;
                    threads.execute(() -> {
                        for (int i = 0; !stopped.get(); i++) {
                            var type = number + "-" + i;
                            var reply = raw.post(path, "{\"type\":\"" + type + "\"}");
                            switch (reply.status()) {
                                case 200 -> accepted.add(type);
                                case 500, 503 -> refused.incrementAndGet();
                                default -> others.add(reply.toString());
                            }
                        }
                    });
                }
                try {
                    await().atMost(LONGEST_WAIT).until(() -> accepted.size() > 100);
                    postgres.kill();
                    await().atMost(LONGEST_WAIT).until(() -> refused.get() > 0);
                    int before = accepted.size();
                    await().atMost(LONGEST_WAIT).until(() -> accepted.size() > before + 100);
                } finally {
                    stopped.set(true);
                }
            }
            assertThat(others).isEmpty();
            assertThat(TestDatabase.rows(postgres.url(), "SELECT type FROM inbound_event"))
                    .containsAll(accepted);
        }
    }

    @Test
    void the_servers_of_a_cluster_are_listed() throws Exception {
        try (var first = TestServer.start()) {
            try (var second = first.startPeer()) {
                var servers = second.raw().get("/cluster").json().path("servers");
                assertThat(servers).hasSize(2).allSatisfy(server -> {
                    assertThat(server.path("version").asString()).isNotEmpty();
                    assertThat(server.path("started_at").asString()).endsWith("Z");
                });
            }
            assertThat(first.raw().get("/cluster").json().path("servers")).hasSize(1);
        }
    }
}
