package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Function workers that die without notice while syncs run. */
@Timeout(180)
class WorkerKillTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int HELD_FROM = 1_000;

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private final MockApi mock = new MockApi();

    @AfterEach
    void stop() {
        mock.close();
    }

    @Test
    void a_sync_whose_worker_was_killed_fails_and_the_next_run_goes_on_from_its_checkpoint() {
        ContactSync.deploy(server.client());
        var interrupted = ContactSync.connect(server.client(), "interrupted", mock);
        mock.hold(HELD_FROM);
        ContactSync.trigger(server.client(), interrupted);
        await().atMost(PATIENCE).until(() -> mock.cursors().contains(HELD_FROM));

        workers().forEach(ProcessHandle::destroyForcibly);

        var failed = awaitExecution(interrupted, "STOPPED");
        assertThat(failed.path("status").asString()).isEqualTo("PAUSED");
        assertThat(failed.path("checkpoint").path("cursor").asInt()).isEqualTo(HELD_FROM);
        assertThat(failed.path("recordCount").path("Contact").asInt()).isEqualTo(HELD_FROM);
        assertThat(log(interrupted)).contains("function_runtime_other");

        mock.forgetCursors();
        mock.release();
        ContactSync.trigger(server.client(), interrupted);
        ContactSync.awaitEnd(server.client(), interrupted);
        assertThat(mock.cursors()).startsWith(HELD_FROM).doesNotContain(0, HELD_FROM - 100);

        var undisturbed = ContactSync.connect(server.client(), "undisturbed", mock);
        ContactSync.trigger(server.client(), undisturbed);
        ContactSync.awaitEnd(server.client(), undisturbed);
        assertThat(ContactSync.records(server.client(), interrupted))
                .hasSize(ContactSync.TOTAL)
                .isEqualTo(ContactSync.records(server.client(), undisturbed));
    }

    private static JsonNode awaitExecution(ConnectionRef connection, String status) {
        return await().atMost(PATIENCE)
                .until(
                        () -> server.raw()
                                .get("/sync/status?syncs=contacts&provider_config_key=crm&connection_id="
                                        + connection.connection())
                                .json()
                                .path("syncs")
                                .path(0),
                        sync -> sync.path("latestExecutionStatus").asString("").equals(status));
    }

    /** The error lines of the connection's failed run. */
    private static String log(ConnectionRef connection) {
        return await().atMost(PATIENCE)
                .until(
                        () -> server.raw()
                                .get("/logs/lines?level=error&connection_id=" + connection.connection())
                                .toString(),
                        text -> text.contains("The run failed"));
    }

    private static Stream<ProcessHandle> workers() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().orElse("").endsWith("bin/node"));
    }
}
