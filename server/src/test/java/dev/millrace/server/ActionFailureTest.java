package dev.millrace.server;

import static dev.millrace.server.testkit.ProbeAction.call;
import static dev.millrace.server.testkit.ProbeAction.get;
import static dev.millrace.server.testkit.ProbeAction.trigger;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.JsonShape;
import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What a caller of an action sees, for each kind of failure. */
@Timeout(300)
class ActionFailureTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final MockApi mock = new MockApi();

    @BeforeAll
    static void deploy() {
        ProbeAction.deploy(server.client());
        ProbeAction.connect(server.client(), "c1");
    }

    @AfterAll
    static void stop() {
        mock.close();
    }

    private static RawClient.Reply probe(String input) {
        return trigger(server.raw(), "c1", input);
    }

    private static void assertAnswer(RawClient.Reply reply, int status, String expected) {
        assertThat(reply.status()).as(reply.toString()).isEqualTo(status);
        JsonNode shape = RawClient.JSON.readTree(expected);
        assertThat(JsonShape.difference(shape, reply.json()))
                .as(reply.toString())
                .isEqualTo(Optional.empty());
    }

    @Test
    void success_is_the_bare_output_and_falsy_ones_arrive() {
        assertAnswer(probe("{\"do\": \"answer\", \"value\": {\"a\": [1]}}"), 200, "{\"a\": [1]}");
        for (var value : new String[] {"0", "false", "\"\"", "null"}) {
            assertThat(probe("{\"do\": \"answer\", \"value\": " + value + "}").text())
                    .isEqualTo(value);
        }
        assertThat(probe("{\"do\": \"nothing\"}").text()).isEqualTo("null");
    }

    @Test
    void what_is_not_there_is_named() {
        assertAnswer(trigger(server.raw(), "nobody", "{}"), 400, """
                {"error": {"code": "unknown_connection", "message": "Failed to find connection"}}""");
        assertAnswer(call(server.raw(), "c1", "{\"action_name\": \"other\"}"), 404, """
                {"error": {"code": "not_found", "message": "Action not found"}}""");
    }

    @Test
    void a_disabled_action_says_so() throws Exception {
        ProbeAction.connect(server.client(), "c2");
        try (var tables = new KeyTables(server.databaseUrl())) {
            tables.execute("UPDATE function SET enabled = false");
            var reply = probe("{}");
            tables.execute("UPDATE function SET enabled = true");

            assertAnswer(reply, 404, """
                    {"error": {"code": "disabled_resource", "message": "The action is disabled"}}""");
        }
    }

    @Test
    void an_action_error_keeps_its_payload() {
        assertAnswer(probe("{\"do\": \"actionError\"}"), 500, """
                {"error": {"message": "The action script failed with a runtime error",
                           "code": "action_script_runtime_error", "payload": {"code": "custom", "detail": {"a": 1}}}}""");
    }

    @Test
    void an_answer_of_the_provider_is_passed_on() {
        assertAnswer(probe(get(mock, "get", "/status/404")), 424, """
                {"error": {"payload": {"error": "upstream", "status": 404}, "code": "script_http_error",
                           "upstream": {"status": 404, "body": {"error": "upstream", "status": 404},
                                        "headers": {"content-type": "application/json", "x-ratelimit-remaining": "0"}}}}""");
    }

    @Test
    void a_provider_that_is_not_there_is_a_network_error() {
        assertAnswer(probe("{\"do\": \"get\", \"base\": \"http://127.0.0.1:1\", \"path\": \"/\"}"), 500, """
                {"error": {"message": "A network error occurred during an HTTP call", "code": "script_network_error",
                           "payload": {"name": "Error", "code": "ECONNREFUSED", "message": "@string", "@more": true}}}""");
    }

    @Test
    void any_other_throw_is_an_internal_error() {
        assertAnswer(probe("{\"do\": \"throw\"}"), 500, """
                {"error": {"message": "An internal error occurred during the script execution",
                           "code": "script_internal_error",
                           "payload": {"name": "TypeError", "message": "plain failure", "stacktrace": "@any"}}}""");
        assertAnswer(probe("{\"do\": \"throw text\"}"), 500, """
                {"error": {"message": "@string", "code": "script_internal_error",
                           "payload": {"name": "Error", "message": "a text"}}}""");
    }

    @Test
    void an_output_over_two_megabytes_is_an_internal_error() {
        var reply = probe("{\"do\": \"large\"}");

        assertAnswer(reply, 500, """
                {"error": {"message": "An internal error occurred during the script execution",
                           "code": "script_internal_error", "payload": {"name": "Error", "message": "@string", "@more": true}}}""");
        assertThat(reply.text()).contains("Output size is too large: 3145730 bytes");
    }

    @Test
    void a_failed_action_called_by_an_action_fails_it_with_its_answer() {
        assertThat(probe("{\"do\": \"call\", \"connection\": \"c1\", \"input\": {\"do\": \"answer\", \"value\": 7}}")
                        .text())
                .isEqualTo("7");
        assertAnswer(
                probe("{\"do\": \"call\", \"connection\": \"c1\", \"input\": {\"do\": \"actionError\"}}"), 424, """
                {"error": {"code": "script_http_error", "payload": {"error": "@any"},
                           "upstream": {"status": 500, "headers": "@any", "body": "@any"}}}""");
    }

    @Test
    void a_fault_of_the_platform_is_told_as_such() {
        ProbeAction.connect(server.client(), "c3");
        try (var tables = new KeyTables(server.databaseUrl())) {
            tables.execute("ALTER TABLE run RENAME TO run_away");
            var reply = trigger(server.raw(), "c3", "{}");
            tables.execute("ALTER TABLE run_away RENAME TO run");

            assertAnswer(reply, 500, """
                    {"error": {"code": "internal_server_error", "message": "Failed to run action"}}""");
        }
    }
}
