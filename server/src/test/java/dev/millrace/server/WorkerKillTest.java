package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.ContactSync;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.TestServer;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Function workers that die without notice while syncs run. */
@Tag("slow")
@Timeout(300)
class WorkerKillTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final int HELD_FROM = 1_000;

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private final MockApi mock = new MockApi();
    private final MockApi other = new MockApi();

    @BeforeAll
    static void deploy() {
        ContactSync.deploy(server.client());
    }

    @AfterEach
    void stop() {
        mock.close();
        other.close();
    }

    @Test
    void a_sync_whose_worker_was_killed_fails_and_another_run_goes_on_at_once_from_its_checkpoint() {
        var interrupted = held("interrupted", mock, HELD_FROM);
        mock.forgetCursors();

        workers().forEach(ProcessHandle::destroyForcibly);

        assertThat(log(interrupted)).contains("function_runtime_other");
        goesOn(interrupted, mock, HELD_FROM);

        var undisturbed = ContactSync.connect(server.client(), "undisturbed", mock);
        ContactSync.trigger(server.client(), undisturbed);
        ContactSync.awaitEnd(server.client(), undisturbed);
        assertThat(ContactSync.records(server.client(), interrupted))
                .hasSize(ContactSync.TOTAL)
                .isEqualTo(ContactSync.records(server.client(), undisturbed));
    }

    @Test
    void every_sync_on_the_killed_worker_goes_on_from_its_own_checkpoint() {
        int early = HELD_FROM / 2;
        var one = held("one", mock, HELD_FROM);
        var beside = held("beside", other, early);
        mock.forgetCursors();
        other.forgetCursors();

        workers().forEach(ProcessHandle::destroyForcibly);

        assertThat(log(one)).contains("function_runtime_other");
        assertThat(log(beside)).contains("function_runtime_other");
        goesOn(one, mock, HELD_FROM);
        goesOn(beside, other, early);
        assertThat(ContactSync.records(server.client(), beside))
                .hasSize(ContactSync.TOTAL)
                .isEqualTo(ContactSync.records(server.client(), one));
    }

    @Test
    void a_sync_that_loses_every_worker_is_not_run_for_ever() {
        var connection = held("doomed", mock, HELD_FROM);

        for (int run = 1; run <= 4; run++) {
            mock.forgetCursors();
            workers().forEach(ProcessHandle::destroyForcibly);
            int lost = run;
            await().atMost(LONGEST_WAIT).until(() -> lost(connection) == lost);
            if (run < 4) {
                await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(HELD_FROM));
            }
        }

        await().atMost(LONGEST_WAIT)
                .until(() -> status(connection).path("status").asString("").equals("PAUSED"));
        assertThat(lost(connection)).isEqualTo(4);
    }

    /** A connection whose sync waits for the page after this cursor. */
    private static ConnectionRef held(String id, MockApi api, int cursor) {
        var connection = ContactSync.connect(server.client(), id, api);
        api.hold(cursor);
        ContactSync.trigger(server.client(), connection);
        await().atMost(LONGEST_WAIT).until(() -> api.cursors().contains(cursor));
        return connection;
    }

    /** A run that nobody asked for starts at the checkpoint. */
    private static void goesOn(ConnectionRef connection, MockApi api, int checkpoint) {
        await().atMost(LONGEST_WAIT).until(() -> api.cursors().contains(checkpoint));
        api.release();
        ContactSync.awaitEnd(server.client(), connection);
        assertThat(api.cursors()).startsWith(checkpoint).doesNotContain(0, checkpoint - 100);
    }

    private static JsonNode status(ConnectionRef connection) {
        return server.raw()
                .get("/sync/status?syncs=contacts&provider_config_key=crm&connection_id=" + connection.connection())
                .json()
                .path("syncs")
                .path(0);
    }

    private static int lost(ConnectionRef connection) {
        return server.raw()
                .get("/logs/operations?status=failed&connection_id=" + connection.connection())
                .json()
                .path("data")
                .size();
    }

    /** The error lines of the connection's failed run. */
    private static String log(ConnectionRef connection) {
        return await().atMost(LONGEST_WAIT)
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
