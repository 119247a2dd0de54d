package dev.millrace.server;

import static dev.millrace.server.testkit.BundleProject.accept;
import static dev.millrace.server.testkit.BundleProject.invoke;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.BundleProject;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.ServerProcess;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bundle functions whose server is killed while they run. */
@Tag("slow")
@Timeout(300)
class InvocationKillTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private final Path folder = TestFolder.create("invocation-kill");
    private final Path data = TestDatabase.prepared(folder.resolve("data"));
    private final MockApi mock = new MockApi();

    @AfterEach
    void stop() {
        mock.close();
        TestFolder.delete(folder);
    }

    @Test
    void are_lost_and_not_repeated_and_those_behind_them_run() throws Exception {
        String lost;
        String behind;
        try (var server = ServerProcess.start(data)) {
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
            ProbeAction.connect(server.client(), "c1");
            var project = new BundleProject();
            project.function("held", """
                            await nango.get({ endpoint: '/items', baseUrlOverride: '%s', params: { cursor: trigger.input }, retries: 0 });
                            return trigger.input;
                            """.formatted(mock.url()))
                    .input("{\"type\":\"string\"}")
                    .serial();
            project.deploy(server.raw());
            mock.hold(5);
            lost = invoke(server.raw(), "held", "c1", "no_wait", "\"5\"", "Idempotency-Key", "k")
                    .json()
                    .path("id")
                    .asString();
            behind = accept(server.raw(), "held", "c1", "\"1\"");
            await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(5));

            server.kill();
        }
        mock.release();

        try (var server = ServerProcess.start(data)) {
            var reply = await().atMost(LONGEST_WAIT)
                    .until(() -> server.raw().get("/functions/invocations/" + behind), r -> r.status() != 202);
            assertThat(reply.text()).isEqualTo("\"1\"");
            var first = server.raw().get("/functions/invocations/" + lost);
            assertThat(first.status()).isEqualTo(500);
            assertThat(first.code()).isEqualTo("function_failed");
            var again = invoke(server.raw(), "held", "c1", "no_wait", "\"5\"", "Idempotency-Key", "k");
            assertThat(again.json().path("id").asString()).isEqualTo(lost);
            assertThat(mock.cursors().stream().filter(c -> c == 5)).hasSize(1);
        }
    }
}
