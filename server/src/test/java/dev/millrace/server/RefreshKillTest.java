package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.RotatingProvider;
import dev.millrace.server.testkit.ServerProcess;
import dev.millrace.server.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that die or freeze while they renew tokens of a provider that replaces refresh tokens. */
@Tag("slow")
class RefreshKillTest {
    private static final int ROUNDS = Integer.getInteger("millrace.refreshKills", 4);
    private static final int CONNECTIONS = 20;

    private static final String DEFINITION = """
            rotating:
                display_name: Rotating
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: @api/authorize
                token_url: @api/token
                proxy: {base_url: @api}
            """;

    private final RotatingProvider provider = new RotatingProvider();
    private final String database = TestDatabase.freshUrl();

    @TempDir
    Path folder;

    private Path definitions() throws IOException {
        return Files.writeString(folder.resolve("own.yaml"), DEFINITION.replace("@api", provider.url()));
    }

    private ServerProcess start(String name) throws IOException {
        var data = folder.resolve(name);
        if (!Files.exists(data) && Files.exists(folder.resolve("a"))) {
            Files.createDirectories(data.resolve("keys"));
            for (var key : List.of("encryption.key", "keys/dev.key")) {
                Files.copy(folder.resolve("a").resolve(key), data.resolve(key));
            }
        }
        return ServerProcess.start(data, database, definitions());
    }

    private static String name(int connection) {
        return "c" + connection;
    }

    private void connect(ServerProcess server, int connection, String refreshToken) {
        var reply = server.raw().post("/connections", """
                {"provider_config_key":"rotating","connection_id":"%s","credentials":{"type":"OAUTH2",\
                "access_token":"old","refresh_token":"%s","expires_at":"%s"}}\
                """.formatted(
                        name(connection), refreshToken, Instant.now().minusSeconds(1)));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(201);
    }

    private static void integrate(ServerProcess server) {
        server.client()
                .createIntegration(Map.of(
                        "provider",
                        "rotating",
                        "unique_key",
                        "rotating",
                        "credentials",
                        Map.of("type", "OAUTH2", "client_id", "id", "client_secret", "secret", "scopes", "")));
    }

    private static RawClient.Reply renew(RawClient client, int connection) {
        return client.get("/connections/" + name(connection) + "?provider_config_key=rotating&force_refresh=true");
    }

    /** Twenty renewals are under way each time, at all stages between the provider's answer and the commit. */
    @Test
    void a_killed_process_loses_no_refresh_token() throws Exception {
        var random = new Random(7);
        try (var first = start("a")) {
            integrate(first);
            for (int i = 0; i < CONNECTIONS; i++) {
                connect(first, i, provider.grant(name(i)));
                renew(first.raw(), i);
            }
        }
        int answeredButNotStored = 0;
        for (int round = 0; round < ROUNDS; round++) {
            var server = start("a");
            killWhileItRenews(server, 1 + random.nextInt(CONNECTIONS), random.nextInt(12));

            try (var next = start("a")) {
                for (int i = 0; i < CONNECTIONS; i++) {
                    answeredButNotStored += stored(next, i).equals(provider.newest(name(i))) ? 0 : 1;
                    var reply = renew(next.raw(), i);
                    assertThat(reply.status()).as("round %d, %s", round, reply).isEqualTo(200);
                    assertThat(reply.json().at("/credentials/access_token").asString())
                            .isEqualTo(provider.newest(name(i)));
                }
            }
        }
        assertThat(answeredButNotStored).isPositive();
        assertThat(provider.ended()).isZero();
        provider.close();
    }

    /** The token that was committed last; it is fresh, so reading it causes no call. */
    private static String stored(ServerProcess server, int connection) {
        return server.raw()
                .get("/connections/" + name(connection) + "?provider_config_key=rotating")
                .json()
                .at("/credentials/access_token")
                .asString();
    }

    private void killWhileItRenews(ServerProcess server, int afterAnswers, int millis) throws Exception {
        var enough = new CountDownLatch(afterAnswers);
        provider.beforeAnswer(enough::countDown);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var brokenOff = new ArrayList<Future<RawClient.Reply>>();
            for (int i = 0; i < CONNECTIONS; i++) {
                int connection = i;
                brokenOff.add(threads.submit(() -> renew(server.raw(), connection)));
            }
            assertThat(brokenOff).hasSize(CONNECTIONS);
            assertThat(enough.await(60, TimeUnit.SECONDS)).isTrue();
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
            server.kill();
        }
        provider.beforeAnswer(() -> {});
    }

    /** Its answer arrives when another server has taken over: it may not replace what is newer, nor cause a refusal. */
    @Test
    void a_stopped_process_that_continues_overwrites_nothing() throws Exception {
        var frozenCalls = new CountDownLatch(1);
        try (var frozen = start("a")) {
            integrate(frozen);
            connect(frozen, 0, provider.grant(name(0)));
            try (var other = start("b");
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var freezes = new AtomicInteger();
                provider.beforeAnswer(() -> {
                    if (freezes.getAndIncrement() == 0) {
                        freeze(frozen);
                        frozenCalls.countDown();
                    }
                });
                var late = threads.submit(() -> renew(frozen.raw(), 0));
                frozenCalls.await();

                var taken = renew(other.raw(), 0);
                frozen.thaw();

                assertThat(taken.status()).as(taken.toString()).isEqualTo(200);
                var newest = provider.newest(name(0));
                assertThat(taken.json().at("/credentials/access_token").asString())
                        .isEqualTo(newest);
                assertThat(late.get().json().at("/credentials/access_token").asString())
                        .isEqualTo(newest);
                assertThat(provider.answered()).isEqualTo(2);
                assertThat(renew(other.raw(), 0).status()).isEqualTo(200);
            }
        }
        assertThat(provider.ended()).isZero();
        provider.close();
    }

    private static void freeze(ServerProcess server) {
        try {
            server.freeze();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Callers of both processes, most of whom find the token being renewed. */
    @Test
    void two_processes_renew_a_token_once() throws Exception {
        try (var one = start("a")) {
            integrate(one);
            connect(one, 0, provider.grant(name(0)));
            try (var two = start("b");
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                provider.beforeAnswer(() -> pause(2_000));
                var replies = new ArrayList<Future<RawClient.Reply>>();
                for (int i = 0; i < 200; i++) {
                    var client = i % 2 == 0 ? one.raw() : two.raw();
                    replies.add(threads.submit(() -> client.get("/connections/c0?provider_config_key=rotating")));
                }

                for (var reply : replies) {
                    assertThat(reply.get()
                                    .json()
                                    .at("/credentials/access_token")
                                    .asString())
                            .isEqualTo("access-c0/1");
                }
            }
        }
        assertThat(provider.answered()).isEqualTo(1);
        provider.close();
    }

    private static void pause(int millis) {
        try {
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
