package dev.millrace.server;

import static dev.millrace.server.testkit.ProbeAction.get;
import static dev.millrace.server.testkit.ProbeAction.trigger;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.TestServer;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How many actions run at once, as the environment's settings say. */
@Tag("slow")
@Timeout(300)
class ActionLimitTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final MockApi mock = new MockApi();

    @BeforeAll
    static void deploy() {
        ProbeAction.deploy(server.client());
        ProbeAction.connect(server.client(), "c1");
        ProbeAction.connect(server.client(), "c2");
    }

    @AfterAll
    static void stop() {
        mock.close();
    }

    @Test
    void a_connection_at_its_limit_makes_others_of_it_wait_and_then_fail() throws Exception {
        server.raw().patch("/environment/settings", "{\"action_connection_concurrency\": 1}");
        mock.hold(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first =
                    threads.submit(() -> trigger(server.raw(), "c1", get(mock, "get and count", "/items?cursor=1")));
            await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(1));
            var second =
                    threads.submit(() -> trigger(server.raw(), "c1", "{\"do\": \"count\"}", "Idempotency-Key", "k"));

            assertThat(trigger(server.raw(), "c2", "{\"do\": \"count\"}").text())
                    .isEqualTo("1");
            var late = second.get();
            mock.release();

            assertThat(first.get().text()).isEqualTo("1");
            assertThat(late.status()).isEqualTo(500);
            var error = ProbeAction.error(late);
            assertThat(error.path("code").asString()).isEqualTo("action_script_failure");
            assertThat(error.path("message").asString()).startsWith("The action script failed with an error: ");
            assertThat(error.path("payload").path("error").asString()).matches("Task [0-9a-f-]{36} expired");
            assertThat(error.path("payload").path("payload").toString())
                    .isEqualTo("{\"reason\":\"createdToStartedTimeoutSecs_exceeded\"}");
            assertThat(trigger(server.raw(), "c1", "{\"do\": \"count\"}", "Idempotency-Key", "k")
                            .text())
                    .as("nothing was executed, so the key is free")
                    .isEqualTo("2");
        }
    }
}
