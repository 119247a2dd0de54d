package dev.millrace.server;

import static dev.millrace.server.testkit.ProbeAction.get;
import static dev.millrace.server.testkit.ProbeAction.result;
import static dev.millrace.server.testkit.ProbeAction.trigger;
import static dev.millrace.server.testkit.ProbeAction.triggerAsync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.ServerProcess;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestFolder;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Actions whose server is killed while they run. */
@Tag("slow")
@Timeout(300)
class ActionKillTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final String HEADER = "Idempotency-Key";

    private final Path folder = TestFolder.create("action-kill");
    private final Path data = TestDatabase.prepared(folder.resolve("data"));
    private final MockApi mock = new MockApi();

    @AfterEach
    void stop() {
        mock.close();
        TestFolder.delete(folder);
    }

    @Test
    void are_lost_with_a_clear_error_and_run_again_only_if_retries_were_asked_for() throws Exception {
        var held = get(mock, "get and count", "/items?cursor=1");
        String lost;
        String retried;
        try (var server = ServerProcess.start(data)) {
            ProbeAction.deploy(server.client());
            ProbeAction.connect(server.client(), "sync");
            ProbeAction.connect(server.client(), "async");
            mock.hold(1);
            lost = triggerAsync(server.raw(), "async", held, 0);
            retried = triggerAsync(server.raw(), "async", held, 1);
            var raw = server.raw();
            var waiting = Thread.ofVirtual().unstarted(() -> trigger(raw, "sync", held, HEADER, "k1"));
            waiting.setUncaughtExceptionHandler((_, _) -> {}); // it will never be answered
            waiting.start();
            await().atMost(LONGEST_WAIT).until(() -> mock.cursors().size() == 2);

            server.kill();
        }
        mock.release();

        try (var server = ServerProcess.start(data)) {
            var again = trigger(server.raw(), "sync", held, HEADER, "k1");
            assertThat(again.status()).isEqualTo(500);
            assertThat(again.text())
                    .contains("\"code\":\"action_script_failure\"", "\"reason\":\"heartbeatTimeoutSecs_exceeded\"");
            assertThat(again.headers().firstValue("Idempotency-Replayed")).contains("true");
            assertThat(trigger(server.raw(), "sync", "{\"do\": \"count\"}").text())
                    .as("begun once before")
                    .isEqualTo("2");

            assertThat(result(server.raw(), lost).text()).contains("Task " + lost + " expired", "heartbeatTimeoutSecs");
            assertThat(result(server.raw(), retried).text()).isEqualTo("2");
        }
    }
}
