package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.TestServer;
import dev.millrace.server.testkit.TrackedSync;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Metadata that change under a run which has a checkpoint and an open delete-tracking window. */
@Timeout(300)
class MetadataChangeTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final TrackedSync sync = new TrackedSync(server);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private final MockApi mock = new MockApi();

    MetadataChangeTest() {
        sync.deploy(true);
    }

    @AfterEach
    void stop() {
        mock.close();
    }

    private Map<String, ?> metadata(boolean evenOnly) {
        return Map.of("mock", mock.url(), "total", TrackedSync.TOTAL, "evenOnly", evenOnly);
    }

    /** All items are stored; then a run that takes the even ones only is held at its last page. */
    private void givenARunHeldAtItsLastPage(String connection) {
        sync.connect(connection, metadata(false));
        sync.awaitAll(connection);
        sync.setMetadata(connection, metadata(true));
        mock.hold(200);
        sync.command("trigger", connection);
        await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(200));
    }

    @Test
    void the_status_tells_of_it_until_the_next_run_has_ended() {
        sync.set("metadata_change_policy", "ignore");
        givenARunHeldAtItsLastPage("told");

        sync.setMetadata("told", metadata(false));

        assertThat(sync.status("told").path("metadataChangedDuringRun").asBoolean(false))
                .isTrue();
        mock.release();
        var ended = sync.awaitStatus(
                "told", s -> s.path("latestExecutionStatus").asString("").equals("SUCCESS"));
        assertThat(ended.path("metadataChangedDuringRun").asBoolean(false)).isTrue();
        assertThat(deleted("told")).isEqualTo(TrackedSync.TOTAL / 2);
        sync.command("trigger", "told");
        assertThat(sync.awaitAll("told").has("metadataChangedDuringRun")).isFalse();
    }

    @Test
    void a_sync_that_restarts_deletes_nothing_by_the_old_filter() {
        sync.set("metadata_change_policy", "restart");
        givenARunHeldAtItsLastPage("restarted");

        mock.forgetCursors();
        sync.setMetadata("restarted", metadata(false));

        // From the first page on, while the old run's answer is still held back.
        await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(0));
        mock.release();
        sync.awaitStatus(
                "restarted",
                s -> s.path("latestExecutionStatus").asString("").equals("SUCCESS")
                        && !s.path("metadataChangedDuringRun").asBoolean(false));
        assertThat(sync.status("restarted").at("/recordCount/Item").intValue()).isEqualTo(TrackedSync.TOTAL);
        assertThat(sync.status("restarted").at("/latestResult/Item/deleted").intValue())
                .isZero();
        assertThat(deleted("restarted")).isZero();
    }

    @Test
    void a_run_that_nobody_stopped_finds_out_before_it_deletes() {
        sync.set("metadata_change_policy", "restart");
        givenARunHeldAtItsLastPage("resumed");
        sync.set("metadata_change_policy", "ignore");
        sync.setMetadata("resumed", metadata(false));
        sync.set("metadata_change_policy", "restart");

        mock.forgetCursors();
        mock.release();

        // The run's own end finds that its window belongs to other metadata: nothing is deleted, it starts anew.
        await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(0));
        sync.awaitStatus(
                "resumed",
                s -> s.path("latestExecutionStatus").asString("").equals("SUCCESS")
                        && !s.path("metadataChangedDuringRun").asBoolean(false));
        assertThat(deleted("resumed")).isZero();
    }

    @Test
    void the_checkpoint_of_a_failed_run_is_dropped_when_the_metadata_changed_since() {
        sync.set("metadata_change_policy", "restart");
        sync.connect("failed", Map.of("mock", mock.url(), "total", TrackedSync.TOTAL, "evenOnly", true, "fail", true));
        var failed = sync.awaitStatus(
                "failed", s -> s.path("latestExecutionStatus").asString("").equals("STOPPED"));
        assertThat(failed.at("/checkpoint/cursor").intValue()).isEqualTo(200);

        mock.forgetCursors();
        sync.setMetadata("failed", metadata(false));
        sync.command("trigger", "failed");

        sync.awaitAll("failed");
        assertThat(mock.cursors()).containsExactly(0, 100, 200);
        assertThat(deleted("failed")).isZero();
    }

    @Test
    void a_runs_own_changes_do_not_restart_it() {
        sync.set("metadata_change_policy", "restart");
        sync.connect("own", Map.of("mock", mock.url(), "total", TrackedSync.TOTAL, "note", true));

        var ended = sync.awaitAll("own");

        assertThat(ended.has("metadataChangedDuringRun")).isFalse();
        assertThat(mock.cursors()).containsExactly(0, 100, 200);
    }

    private static int deleted(String connection) {
        var reply = server.raw()
                .get(
                        "/records?model=Item&filter=deleted&limit=1000",
                        Map.of("Provider-Config-Key", "crm", "Connection-Id", connection));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().path("records").size();
    }
}
