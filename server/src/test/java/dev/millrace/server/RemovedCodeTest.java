package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestServer;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** A function whose code goes between its choice and its start has failed, and says so. */
@Timeout(300)
class RemovedCodeTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    @Test
    void a_run_without_its_code_fails_with_a_log_and_a_status() throws Exception {
        var scripts = Scripts.onNew(server.client())
                .sync("pull", "await nango.batchSave([{ id: '1' }], 'Item');")
                .action("act", "return 1;");
        scripts.deploy();
        var connection = scripts.connect("c1", Map.of("type", "NONE"), Map.of());
        try (var db = DriverManager.getConnection(server.databaseUrl())) {
            // No foreign keys: it is as if the functions were removed between the two.
            db.createStatement().execute("SET session_replication_role = replica");
            assertThat(db.createStatement().executeUpdate("DELETE FROM function_code"))
                    .isEqualTo(2);
        }

        var action = ProbeAction.call(server.raw(), "c1", "{\"action_name\": \"act\"}");
        server.client().triggerSync(connection, List.of("pull"));

        assertThat(action.status()).as(action.toString()).isEqualTo(500);
        assertThat(ProbeAction.error(action).path("code").asString()).isEqualTo("action_script_failure");
        assertThat(ProbeAction.error(action).path("message").asString())
                .startsWith(
                        "The action script failed with an error: The code of the function act was removed before it started");
        assertThat(ProbeAction.error(action).path("payload").path("error").asString())
                .startsWith("The code of the function act was removed before it started");
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(
                        () -> assertThat(status().path("latestExecutionStatus").asString())
                                .isEqualTo("STOPPED"));
        assertThat(server.raw()
                        .get("/logs/operations?connection_id=c1")
                        .json()
                        .path("data")
                        .valueStream()
                        .map(o -> o.path("status").asString()))
                .containsExactly("failed", "failed");
    }

    private static JsonNode status() {
        return server.raw()
                .get("/sync/status?syncs=pull&provider_config_key=crm&connection_id=c1")
                .json()
                .path("syncs")
                .path(0);
    }
}
