package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.ContactSync;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.TestServer;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("slow")
@Timeout(300)
class StopTest {
    private static final int HELD_FROM = 1_000;

    @Test
    void a_sync_that_runs_when_the_server_stops_continues_after_a_restart() {
        try (var mock = new MockApi();
                var server = TestServer.start()) {
            ContactSync.deploy(server.client());
            var connection = ContactSync.connect(server.client(), "c1", mock);
            mock.hold(HELD_FROM);
            ContactSync.trigger(server.client(), connection);
            await().atMost(Duration.ofSeconds(90)).until(() -> mock.cursors().contains(HELD_FROM));

            server.restart();
            mock.forgetCursors();
            mock.release();

            ContactSync.awaitEnd(server.client(), connection);
            assertThat(mock.cursors()).doesNotContain(0, HELD_FROM - 100);
            assertThat(ContactSync.records(server.client(), connection)).hasSize(ContactSync.TOTAL);
        }
    }
}
