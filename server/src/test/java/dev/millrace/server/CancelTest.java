package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.StalledApi.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cancelling a run reaches it whatever it waits for. */
@Timeout(180)
class CancelTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static Scripts scripts;

    @BeforeAll
    static void deploy() {
        scripts = Scripts.onNew(server.client()).sync("stuck", """
                const config = { endpoint: '/items', baseUrlOverride: (await nango.getMetadata()).mock, retries: 3,
                  paginate: { type: 'cursor', cursor_name_in_request: 'c', cursor_path_in_response: 'next',
                    response_path: 'items' } };
                try {
                  for await (const page of nango.paginate(config)) await nango.batchSave(page, 'Item');
                } finally {
                  // Too late: it has been cancelled, and the next call says so.
                  await nango.batchSave([{ id: 'late' }], 'Item');
                }
                """);
        scripts.deploy();
    }

    @ParameterizedTest
    @EnumSource(Answer.class)
    void a_reset_or_a_deletion_ends_a_run_that_waits_for_its_provider(Answer answer) throws IOException {
        try (var api = new StalledApi(answer)) {
            var connection = scripts.connect(answer.name(), Map.of("type", "NONE"), Map.of("mock", api.url()));
            server.client().triggerSync(connection, List.of("stuck"));
            await().atMost(PATIENCE).until(() -> api.asked() == 1);

            var reset = server.raw()
                    .post(
                            "/sync/trigger",
                            "{\"syncs\": [\"stuck\"], \"provider_config_key\": \"crm\", \"connection_id\": \"" + answer
                                    + "\", \"opts\": {\"reset\": true}}");
            assertThat(reset.status()).isEqualTo(200);

            await().atMost(PATIENCE).until(() -> api.asked() == 2);
            assertThat(statuses(answer)).containsExactly("running", "cancelled");

            server.client().deleteConnection(connection);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(statuses(answer)).containsExactly("cancelled", "cancelled"));
            if (answer != Answer.COME_BACK_LATER) {
                await().atMost(PATIENCE).until(() -> api.givenUp() == 2);
            }
        }
    }

    @Test
    void a_deletion_reaches_the_process_in_which_the_run_is() throws IOException {
        try (var api = new StalledApi(Answer.HALF_A_BODY)) {
            var connection = scripts.connect("elsewhere", Map.of("type", "NONE"), Map.of("mock", api.url()));
            server.client().triggerSync(connection, List.of("stuck"));
            await().atMost(PATIENCE).until(() -> api.asked() == 1);

            // The run began before there was another process.
            try (var peer = server.startPeer()) {
                peer.client().deleteConnection(connection);

                await().atMost(PATIENCE).until(() -> api.givenUp() == 1);
                await().atMost(PATIENCE).until(() -> statuses("elsewhere").equals(List.of("cancelled")));
            }
        }
    }

    private static List<String> statuses(Object connection) {
        var reply = server.raw().get("/logs/operations?connection_id=" + connection);
        return reply.json()
                .path("data")
                .valueStream()
                .map(o -> o.path("status").asString())
                .toList();
    }
}
