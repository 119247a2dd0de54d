package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

/** SIGTERM, as service managers and containers send it to a server at work. */
@Tag("slow")
@Timeout(300)
class StopTest {
    private static final int PAGES = 10;
    private static final int GRACE = 3_600;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final ConnectionRef C1 = new ConnectionRef("crm", "c1");

    @TempDir
    Path folder;

    private Path data;
    private HeldApi api;

    @BeforeEach
    void prepare() throws Exception {
        folder.toFile().setExecutable(true, false);
        data = folder.resolve("data");
        api = new HeldApi();
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void the_first_signal_stops_gracefully_and_the_second_at_once() throws Exception {
        try (var server = UpProcess.start(data, GRACE);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            deploy(server);
            server.client().triggerSync(C1, List.of("pages"));
            var action = threads.submit(() -> server.client().triggerAction(C1, "call", Map.of()));
            await().atMost(LONGEST_WAIT)
                    .until(() -> api.asked().containsAll(List.of(HeldApi.HELD_CALL, HeldApi.HELD_PAGE)));

            server.terminate();
            await().atMost(LONGEST_WAIT).until(() -> server.health() == 503);
            assertThatThrownBy(() -> server.client().triggerAction(C1, "call", Map.of()))
                    .isInstanceOfSatisfying(
                            MillraceException.class, e -> assertThat(e.status()).isEqualTo(503));
            api.release();

            assertThat(action.get().path("path").asString()).isEqualTo(HeldApi.HELD_CALL);
            assertThat(server.exitCode()).isZero();
        }
        assertThat(pages()).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(data.resolve("postgres/postmaster.pid")).doesNotExist();

        try (var server = UpProcess.start(data, GRACE);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            await().atMost(LONGEST_WAIT).until(() -> records(server) == PAGES);
            assertThat(pages())
                    .containsExactlyElementsOf(IntStream.range(0, PAGES).boxed().toList());
            assertThat(api.asked()).containsOnlyOnce(HeldApi.HELD_CALL);

            api.hold();
            var action = threads.submit(() -> server.client().triggerAction(C1, "call", Map.of()));
            await().atMost(LONGEST_WAIT).until(() -> api.asked().getLast().equals(HeldApi.HELD_CALL));
            server.terminate();
            await().atMost(LONGEST_WAIT).until(() -> server.health() == 503);
            server.terminate();

            assertThat(server.exitCode()).isEqualTo(1);
            await().atMost(LONGEST_WAIT)
                    .untilAsserted(() ->
                            assertThat(data.resolve("postgres/postmaster.pid")).doesNotExist());
            assertThatThrownBy(action::get).hasCauseInstanceOf(MillraceException.class);
        }
    }

    private List<Integer> pages() {
        return api.asked().stream()
                .filter(path -> path.startsWith("/page/"))
                .map(path -> Integer.valueOf(path.substring("/page/".length())))
                .toList();
    }

    private static int records(UpProcess server) {
        return server.client()
                .records(C1, "Item", Optional.empty(), 100)
                .records()
                .size();
    }

    private void deploy(UpProcess server) {
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        var call = function(
                "call",
                "action",
                "async (nango) => (await nango.get({ endpoint: '/call', baseUrlOverride: '" + api.url() + "' })).data");
        var pages = function("pages", "sync", """
                async (nango) => {
                  let next = (await nango.getCheckpoint())?.next ?? 0;
                  for (; next < %d; ) {
                    const page = await nango.get({ endpoint: '/page/' + next, baseUrlOverride: '%s' });
                    await nango.batchSave([{ id: page.data.path }], 'Item');
                    next++;
                    await nango.saveCheckpoint({ next });
                  }
                }
                """.formatted(PAGES, api.url()));
        server.client()
                .deploy(Map.of(
                        "flowConfigs",
                        List.of(call, pages),
                        "reconcile",
                        false,
                        "debug",
                        false,
                        "nangoYamlBody",
                        "",
                        "sdkVersion",
                        "0.71.10-zero"));
        server.client()
                .importConnection(Map.of(
                        "provider_config_key", "crm", "connection_id", "c1", "credentials", Map.of("type", "NONE")));
    }

    private static Map<String, Object> function(String name, String type, String exec) {
        var runs = type.equals("sync")
                ? JsonNodeFactory.instance.stringNode("every day")
                : JsonNodeFactory.instance.nullNode();
        var code = "module.exports = { __esModule: true, default: { type: '" + type + "', exec: " + exec + " } };";
        return Map.of(
                "syncName",
                name,
                "providerConfigKey",
                "crm",
                "type",
                type,
                "models",
                List.of("Item"),
                "runs",
                runs,
                "auto_start",
                false,
                "track_deletes",
                false,
                "endpoints",
                List.of(),
                "fileBody",
                Map.of("js", code, "ts", ""));
    }
}
