package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceClient;
import dev.millrace.client.MillraceException;
import dev.millrace.server.testkit.ServerProcess;
import dev.millrace.server.testkit.TestFolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that is killed while it writes metadata. */
@Tag("slow")
@Timeout(300)
class MetadataKillTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final ConnectionRef C1 = new ConnectionRef("crm", "c1");

    private final java.nio.file.Path folder = TestFolder.create("metadata-kill");

    @AfterEach
    void clean() {
        TestFolder.delete(folder);
    }

    @Test
    void acknowledged_changes_survive_and_the_history_has_no_gaps() throws Exception {
        var data = folder.resolve("data");
        Set<String> acknowledged;
        try (var server = ServerProcess.start(data)) {
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
            server.client()
                    .importConnection(Map.of(
                            "provider_config_key",
                            "crm",
                            "connection_id",
                            "c1",
                            "credentials",
                            Map.of("type", "NONE")));
            acknowledged = writeUntilKilled(server);
        }

        try (var server = ServerProcess.start(data)) {
            server.client().updateMetadata(C1, Map.of("after", 1));

            var metadata = server.client().metadata(C1).read();
            assertThat(metadata.object().propertyNames()).contains("after").containsAll(acknowledged);
            assertThat(metadata.version()).isEqualTo(1 + metadata.object().size());
            var history = server.client().metadata(C1).history(100).versions();
            assertThat(history)
                    .extracting(v -> v.version())
                    .containsExactlyElementsOf(LongStream.range(0, Math.min(50, metadata.version()))
                            .map(i -> metadata.version() - i)
                            .boxed()
                            .toList());
        }
    }

    private static Set<String> writeUntilKilled(ServerProcess server) throws Exception {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writers = new ArrayList<Future<?>>();
            for (int writer = 0; writer < 6; writer++) {
                var name = "w" + writer + "-";
                writers.add(threads.submit(() -> write(server.client(), name, acknowledged)));
            }
            await().atMost(LONGEST_WAIT).until(() -> acknowledged.size() > 60);
            server.kill();
            for (var writer : writers) {
                writer.get();
            }
        }
        return acknowledged;
    }

    /** Until the server is gone. */
    private static void write(MillraceClient client, String name, Set<String> acknowledged) {
        for (int i = 0; ; i++) {
            try {
                client.updateMetadata(C1, Map.of(name + i, 1));
                acknowledged.add(name + i);
            } catch (MillraceException e) {
                return;
            }
        }
    }
}
