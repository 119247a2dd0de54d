package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ServerProcess;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Functions that prepare a connection are run, also when their server dies. */
@Tag("slow")
@Timeout(300)
class EventFunctionTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final String PREPARE = """
            module.exports = { __esModule: true, default: { type: 'onEvent', event: 'post-connection-creation',
              exec: async (nango) => {
                const { mock } = await nango.getMetadata();
                await nango.get({ endpoint: '/items', baseUrlOverride: mock, params: { cursor: '7', total: '9' }, retries: 0 });
                await nango.updateMetadata({ prepared: true });
              } } };
            """;

    private final Path folder = TestFolder.create("events");
    private final MockApi mock = new MockApi();

    @AfterEach
    void stop() {
        mock.close();
        TestFolder.delete(folder);
    }

    @Test
    void what_follows_a_new_connection_is_done_after_a_crash() throws Exception {
        var database = TestDatabase.freshUrl();
        try (var server = ServerProcess.start(folder.resolve("a"), database)) {
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
            var body = Deployment.adding(List.of());
            body.put(
                    "onEventScriptsByProvider",
                    List.of(Map.of(
                            "providerConfigKey",
                            "crm",
                            "scripts",
                            List.of(Map.of(
                                    "name",
                                    "prepare",
                                    "event",
                                    "post-connection-creation",
                                    "fileBody",
                                    Map.of("js", PREPARE, "ts", ""))))));
            server.client().deploy(body);
            mock.hold(7);
            server.client()
                    .importConnection(Map.of(
                            "provider_config_key",
                            "crm",
                            "connection_id",
                            "c1",
                            "credentials",
                            Map.of("type", "NONE"),
                            "metadata",
                            Map.of("mock", mock.url())));
            await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(7));

            server.kill();
        }
        mock.release();

        try (var server = ServerProcess.start(folder.resolve("a"), database)) {
            await().atMost(LONGEST_WAIT)
                    .until(() -> server.raw()
                            .get("/connections/c1?provider_config_key=crm")
                            .json()
                            .path("metadata")
                            .path("prepared")
                            .asBoolean(false));
            await().atMost(LONGEST_WAIT)
                    .until(() -> statuses(server).contains("success")
                            && !statuses(server).contains("running"));
            assertThat(mock.cursors()).hasSize(2);
        }
    }

    private static List<String> statuses(ServerProcess server) {
        return server.raw()
                .get("/logs/operations?connection_id=c1")
                .json()
                .path("data")
                .valueStream()
                .map(operation -> operation.path("status").asString())
                .sorted()
                .toList();
    }
}
