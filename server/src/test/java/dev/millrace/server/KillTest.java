package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceClient;
import dev.millrace.client.MillraceException;
import dev.millrace.server.testkit.ContactSync;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ServerProcess;
import dev.millrace.server.testkit.TestConfig;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestFolder;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes that die without notice, as they do when memory or power runs out. */
@Tag("slow")
@Timeout(300)
class KillTest {
    private static final String POSTMASTER = "postgres/postmaster.pid";
    private static final int HELD_FROM = 1_000;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private final Path folder = TestFolder.create("kill");
    private final Path data = TestDatabase.prepared(folder.resolve("data"));
    private final MockApi mock = new MockApi();

    @AfterEach
    void stop() throws Exception {
        mock.close();
        if (Files.exists(data.resolve(POSTMASTER))) {
            // A test that failed half-way leaves it behind.
            kill(postmaster(data));
        }
        TestFolder.delete(folder);
    }

    @Test
    void a_sync_whose_server_was_killed_goes_on_from_its_checkpoint() throws Exception {
        ConnectionRef interrupted;
        try (var server = ServerProcess.start(data)) {
            ContactSync.deploy(server.client());
            interrupted = ContactSync.connect(server.client(), "interrupted", mock);
            mock.hold(HELD_FROM);
            ContactSync.trigger(server.client(), interrupted);
            await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(HELD_FROM));

            server.kill();
        }
        mock.forgetCursors();
        mock.release();

        try (var server = ServerProcess.start(data)) {
            ContactSync.awaitEnd(server.client(), interrupted);
            assertThat(mock.cursors()).startsWith(HELD_FROM).doesNotContain(0, HELD_FROM - 100);

            var undisturbed = ContactSync.connect(server.client(), "undisturbed", mock);
            ContactSync.trigger(server.client(), undisturbed);
            ContactSync.awaitEnd(server.client(), undisturbed);
            assertThat(ContactSync.records(server.client(), interrupted))
                    .hasSize(ContactSync.TOTAL)
                    .isEqualTo(ContactSync.records(server.client(), undisturbed));
        }
    }

    @Test
    void acknowledged_writes_survive_a_killed_database() throws Exception {
        try (var server = new Server(TestConfig.of(data, Optional.empty()))) {
            server.start();
            var key = server.defaultKey().secret().orElseThrow();
            try (var client = MillraceClient.of(URI.create("http://127.0.0.1:" + server.port()), key)) {
                client.createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
                var connection = ContactSync.connect(client, "c1", mock);

                var acknowledged = writeWhile(client, connection, () -> kill(postmaster(data)));

                await().atMost(LONGEST_WAIT)
                        .ignoreExceptions()
                        .until(() -> client.connection(connection).has("metadata"));
                assertThat(client.connection(connection).path("metadata").propertyNames())
                        .containsAll(acknowledged);
            }
        }
    }

    private interface Crash {
        void happen() throws Exception;
    }

    /** Merges keys from four threads, before, during and after the mishap; answers the keys that were acknowledged. */
    private static Set<String> writeWhile(MillraceClient client, ConnectionRef connection, Crash mishap)
            throws Exception {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        Set<String> after = ConcurrentHashMap.newKeySet();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var happened = new AtomicBoolean();
            var writers = new ArrayList<Future<?>>();
            for (int writer = 0; writer < 4; writer++) {
                var name = "w" + writer + "-";
                writers.add(threads.submit(() -> {
                    for (int i = 0; after.size() < 40; i++) {
                        if (write(client, connection, name + i)) {
                            acknowledged.add(name + i);
                            if (happened.get()) {
                                after.add(name + i);
                            }
                        }
                    }
                }));
            }
            await().atMost(LONGEST_WAIT).until(() -> acknowledged.size() > 40);
            mishap.happen();
            happened.set(true);
            for (var writer : writers) {
                writer.get();
            }
        }
        return acknowledged;
    }

    private static boolean write(MillraceClient client, ConnectionRef connection, String key) {
        try {
            client.updateMetadata(connection, Map.of(key, 1));
            return true;
        } catch (MillraceException e) {
            assertThat(e.status()).isGreaterThanOrEqualTo(500);
            return false;
        }
    }

    private static long postmaster(Path data) throws Exception {
        return Long.parseLong(
                Files.readAllLines(data.resolve(POSTMASTER)).getFirst().strip());
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }
}
