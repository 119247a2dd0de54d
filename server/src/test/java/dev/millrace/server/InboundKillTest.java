package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.ServerProcess;
import dev.millrace.server.testkit.StoreServer;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestFolder;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kills a server while it receives webhooks. Every accepted webhook must be processed. */
@Tag("slow")
@Timeout(300)
class InboundKillTest {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);
    private static final int CONNECTIONS = 6;
    private static final int BEFORE = 150;
    private static final int AFTER = 300;

    private final Set<Integer> accepted = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger sequence = new AtomicInteger();

    @Test
    void every_accepted_webhook_is_processed_although_a_server_dies() throws Exception {
        var folder = TestFolder.create("inbound-kill");
        var database = TestDatabase.freshUrl();
        try (var api = new ScriptedApi();
                var first = ServerProcess.start(folder.resolve("data-0"), database)) {
            api.answers(_ -> Given.json(200, "{}"));
            StoreServer.shareKeys(folder.resolve("data-0"), folder.resolve("data-1"));
            var scripts = Scripts.onNew(first.client()).webhook("calls", List.of("call"), """
                    const { api } = await nango.getMetadata();
                    await nango.get({ endpoint: '/' + payload.connectionId + '/' + payload.seq, baseUrlOverride: api });
                    """);
            scripts.deploy();
            for (int i = 0; i < CONNECTIONS; i++) {
                scripts.connect("c" + i, Map.of("type", "NONE"), Map.of("api", api.url()));
            }
            var path = "/webhook/"
                    + TestDatabase.rows(database, "SELECT uuid FROM environment WHERE name = 'dev'")
                            .getFirst()
                    + "/crm";
            try (var second = ServerProcess.start(folder.resolve("data-1"), database)) {
                try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                    for (int i = 0; i < CONNECTIONS; i++) {
                        var connection = "c" + i;
                        var client = i % 2 == 0 ? first.raw() : second.raw();
                        threads.execute(() -> flood(client, path, connection));
                    }
                    try {
                        await().atMost(LONGEST_WAIT).until(() -> accepted.size() >= BEFORE);
                        first.kill();
                        await().atMost(LONGEST_WAIT).until(() -> accepted.size() >= AFTER);
                    } finally {
                        over.set(true);
                    }
                }

                await().atMost(LONGEST_WAIT)
                        .until(() -> TestDatabase.rows(database, "SELECT id FROM inbound_run WHERE state <> 'done'")
                                .isEmpty());
                var processed = new HashSet<Integer>();
                api.asked()
                        .forEach(asked ->
                                processed.add(Integer.parseInt(asked.path().split("/", -1)[2])));
                assertThat(processed).containsAll(accepted);
                for (int i = 0; i < CONNECTIONS; i++) {
                    checkOrder(api, "/c" + i + "/");
                }
            }
        } finally {
            TestFolder.delete(folder);
        }
    }

    /** Sends webhooks one after the other, so that the order of acceptance is known. */
    private void flood(RawClient client, String path, String connection) {
        while (!over.get()) {
            int seq = sequence.incrementAndGet();
            var body = "{\"type\":\"call\",\"connectionId\":\"" + connection + "\",\"seq\":" + seq + "}";
            try {
                var reply = client.send(
                        "POST", path, Map.of("Content-Type", "application/json"), BodyPublishers.ofString(body));
                if (reply.status() == 200) {
                    accepted.add(seq);
                }
            } catch (UncheckedIOException _) {
                return; // the server was killed
            }
        }
    }

    /** Webhooks may be processed again after a crash, but never out of order. */
    private static void checkOrder(ScriptedApi api, String prefix) {
        var order = api.asked().stream()
                .map(ScriptedApi.Asked::path)
                .filter(path -> path.startsWith(prefix))
                .map(path -> Integer.parseInt(path.substring(prefix.length())))
                .distinct()
                .toList();
        assertThat(order).as(prefix).isNotEmpty().isSorted();
    }
}
