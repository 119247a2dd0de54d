package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.DeployedFunctions;
import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A run ends once and for all, whatever its function says at its end. */
@Tag("slow")
@Timeout(300)
class UnstorableOutcomeTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static DeployedFunctions functions;

    @BeforeAll
    static void deploy() {
        functions = new DeployedFunctions(server);
        Scripts.on(server.client())
                .sync("half", "throw new Error('Too long: \\u{1F600}\\u{1F600}\\u{1F600}'.slice(0, 15));")
                .sync("nul", "throw new Error('a\\u0000b');")
                .sync("object", "throw new nango.ActionError({ 'k\\u0000': ['\\ud800', '\\udc00\\ud800'] });")
                .sync("huge", "throw new nango.ActionError({ n: JSON.rawJSON ? JSON.rawJSON('1e999999') : 1 });")
                .sync("poison", "throw new Error('poison');")
                .action("fails", "throw new nango.ActionError({ message: input });")
                .action("poisoned", "throw new Error('poison');")
                .deploy();
        // Now it has its syncs.
        ProbeAction.connect(server.client(), "c1");
    }

    private static void trigger(String sync) {
        var reply = server.raw()
                .post(
                        "/sync/trigger",
                        "{\"syncs\":[\"" + sync + "\"],\"provider_config_key\":\"crm\",\"connection_id\":\"c1\"}");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    private static String latest(String sync) {
        return functions.syncStatus(sync).path("latestExecutionStatus").asString("");
    }

    private static JsonNode operations(String function) {
        var reply = server.raw().get("/logs/operations?function=" + function);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().path("data");
    }

    /** Of the sync's task: none waits, none is being worked on. */
    private static List<String> tasks() {
        return functions.texts("SELECT task_instance FROM scheduled_tasks WHERE task_name = 'sync'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"half", "nul", "object", "huge"})
    void a_sync_that_fails_with_such_a_text_has_failed_once(String sync) {
        trigger(sync);

        await().atMost(LONGEST_WAIT).until(() -> latest(sync).equals("STOPPED"));
        await().atMost(LONGEST_WAIT).until(() -> tasks().isEmpty());
        assertThat(functions.syncStatus(sync).path("status").asString()).isEqualTo("PAUSED");
        assertThat(functions.texts(
                        "SELECT r.id::text FROM run r JOIN sync s ON s.id = r.sync_id WHERE s.name = '" + sync + "'"))
                .hasSize(1);
        var operations = operations(sync);
        assertThat(operations.size()).isEqualTo(1);
        assertThat(operations.at("/0/status").asString()).isEqualTo("failed");
        if (!sync.equals("huge")) {
            assertThat(operations.at("/0/error").toString()).contains("\uFFFD");
        }
    }

    /** The database refuses the outcome itself. */
    @Test
    void an_outcome_that_the_database_refuses_is_recorded_as_a_failure() {
        try (var tables = new KeyTables(server.databaseUrl())) {
            tables.execute("ALTER TABLE run ADD CONSTRAINT no_poison CHECK (error::text NOT LIKE '%poison%')");
            trigger("poison");

            await().atMost(LONGEST_WAIT).until(() -> latest("poison").equals("STOPPED"));
            await().atMost(LONGEST_WAIT).until(() -> tasks().isEmpty());
            assertThat(operations("poison").size()).isEqualTo(1);
            assertThat(operations("poison").at("/0/error").toString()).contains("could not be recorded");

            var reply = ProbeAction.call(server.raw(), "c1", "{\"action_name\":\"poisoned\"}");
            assertThat(reply.status()).isEqualTo(500);
            assertThat(reply.text()).contains("script_internal_error", "could not be recorded");
            tables.execute("ALTER TABLE run DROP CONSTRAINT no_poison");
        }
        assertThat(functions.texts("SELECT id::text FROM run WHERE status = 'RUNNING'"))
                .isEmpty();
    }

    @Test
    void the_caller_of_an_action_sees_its_error() {
        var reply = ProbeAction.call(server.raw(), "c1", "{\"action_name\":\"fails\",\"input\":\"a\\u0000 \\ud83d\"}");

        assertThat(reply.status()).as(reply.toString()).isEqualTo(500);
        assertThat(reply.code()).isEqualTo("action_script_runtime_error");
        assertThat(operations("fails").at("/0/error/payload/message").asString())
                .isEqualTo("a\uFFFD \uFFFD");
    }

    @Test
    void so_does_the_caller_of_an_asynchronous_one() {
        var accepted = ProbeAction.call(
                server.raw(), "c1", "{\"action_name\":\"fails\",\"input\":\"\\udc00\\u0000\"}", "X-Async", "true");
        assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);

        var reply = ProbeAction.result(server.raw(), accepted.json().path("id").asString());

        assertThat(reply.code()).isEqualTo("action_script_runtime_error");
    }

    @Test
    void a_connection_is_refused_with_the_words_of_its_validation() {
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "strict"));
        var deployed = server.raw().post("/sync/deploy", RawClient.JSON.writeValueAsString(validation()));
        assertThat(deployed.status()).as(deployed.toString()).isEqualTo(200);

        var reply = server.raw()
                .post(
                        "/connections",
                        "{\"provider_config_key\":\"strict\",\"connection_id\":\"s1\",\"credentials\":{\"type\":\"NONE\"}}");

        assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("connection_validation_failed");
        assertThat(reply.json().at("/error/message").asString()).contains("not valid");
        assertThat(functions.texts("SELECT id::text FROM connection WHERE connection_id = 's1' AND deleted_at IS NULL"))
                .isEmpty();
    }

    private static Map<String, Object> validation() {
        var code = "module.exports = { __esModule: true, default: { type: 'onEvent', event: 'validate-connection',"
                + " exec: async () => { throw new Error('not valid \\u0000 \\ud800'); } } };";
        var body = Deployment.adding(List.of());
        body.put(
                "onEventScriptsByProvider",
                List.of(Map.of(
                        "providerConfigKey",
                        "strict",
                        "scripts",
                        List.of(Map.of(
                                "name",
                                "validate",
                                "event",
                                "validate-connection",
                                "fileBody",
                                Map.of("js", code, "ts", ""))))));
        return body;
    }
}
