package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.TestServer;
import dev.millrace.server.testkit.TrackedSync;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** When the next run of a sync is planned, as its status tells. */
@Timeout(300)
class SyncPlanTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final TrackedSync sync = new TrackedSync(server);

    private final MockApi mock = new MockApi();

    @AfterEach
    void stop() {
        mock.close();
    }

    @Test
    void the_run_after_the_one_under_way_is_planned_already() {
        sync.deploy(true);
        sync.connect("planned", Map.of("mock", mock.url(), "total", TrackedSync.TOTAL));
        var before = Instant.now();
        mock.hold(200);
        sync.command("start", "planned");
        await().atMost(Duration.ofSeconds(90)).until(() -> mock.cursors().contains(200));

        var running = sync.status("planned");

        assertThat(running.path("status").asString()).isEqualTo("RUNNING");
        assertThat(running.has("finishedAt")).isFalse();
        assertThat(time(running, "nextScheduledSyncAt")).isAfter(before.plusSeconds(60));
        mock.release();
        var ended = sync.awaitAll("planned");
        assertThat(time(ended, "nextScheduledSyncAt")).isAfter(time(ended, "finishedAt"));
    }

    private static Instant time(JsonNode status, String field) {
        return Instant.parse(status.path(field).asString());
    }
}
