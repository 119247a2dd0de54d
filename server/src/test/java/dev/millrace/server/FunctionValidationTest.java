package dev.millrace.server;

import static dev.millrace.server.testkit.ProbeAction.result;
import static dev.millrace.server.testkit.ProbeAction.trigger;
import static dev.millrace.server.testkit.ProbeAction.triggerAsync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.ShelfSync;
import dev.millrace.server.testkit.TestServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Input and output of actions and records, held to their schemas where the environment wants it. */
@Timeout(300)
class FunctionValidationTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final Map<String, ?> INPUT = Map.of(
            "type",
            "object",
            "properties",
            Map.of("do", Map.of("type", "string"), "value", Map.of()),
            "required",
            List.of("do"),
            "additionalProperties",
            false);

    @BeforeAll
    static void deploy() {
        ProbeAction.deploy(
                server.client(),
                Map.of("ActionInput_crm_probe", INPUT, "ActionOutput_crm_probe", Map.of("type", "number")));
        ProbeAction.connect(server.client(), "c1");
    }

    private static void validate(boolean on) {
        var reply = server.raw().patch("/environment/settings", "{\"function_validation\": " + on + "}");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    @Test
    void nothing_is_checked_unless_the_environment_wants_it() {
        validate(false);

        assertThat(trigger(server.raw(), "c1", "{\"other\": 1}").status()).isEqualTo(200);
        assertThat(trigger(server.raw(), "c1", "{\"do\": \"answer\", \"value\": \"x\"}")
                        .text())
                .isEqualTo("\"x\"");
    }

    @Test
    void a_wrong_input_is_refused_before_the_function_runs() {
        validate(true);

        var reply = trigger(server.raw(), "c1", "{\"do\": 1}");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).isEqualTo("""
                {"error":{"message":"Failed to validate the input passed to the action","code":"invalid_action_input",\
                "payload":{"data":{"do":1},"validation":[{"instancePath":"/do","schemaPath":"#/properties/do/type",\
                "keyword":"type","params":{"type":"string"},"message":"must be string"}],\
                "model":"ActionInput_crm_probe"}}}""");
        assertThat(trigger(server.raw(), "c1", "null").text()).contains("must have required property 'do'");
    }

    @Test
    void a_wrong_output_is_refused() {
        validate(true);

        assertThat(trigger(server.raw(), "c1", "{\"do\": \"answer\", \"value\": 5}")
                        .text())
                .isEqualTo("5");
        var reply = trigger(server.raw(), "c1", "{\"do\": \"answer\", \"value\": \"x\"}");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).isEqualTo("""
                {"error":{"message":"Failed to validate the output passed to the action","code":"invalid_action_output",\
                "payload":{"data":"x","validation":[{"instancePath":"","schemaPath":"#/type","keyword":"type",\
                "params":{"type":"number"},"message":"must be number"}],"model":"ActionOutput_crm_probe"}}}""");
    }

    @Test
    void an_asynchronous_call_has_the_same_result() {
        validate(true);

        var reply = result(server.raw(), triggerAsync(server.raw(), "c1", "{\"do\": 1}", 1));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid_action_input");
    }

    @Test
    void a_wrong_record_fails_the_sync_and_none_of_its_batch_is_saved() {
        try (var other = TestServer.start()) {
            var sync = new ShelfSync(other);
            var item = Map.of("type", "object", "properties", Map.of("id", Map.of("type", "number")));
            assertThat(sync.deploy(ShelfSync.function("shelf", Map.of("Item", item)))
                            .status())
                    .isEqualTo(200);
            sync.connect("c1");
            sync.run("c1", "shelf", Map.of("count", 3, "stamp", "s"));
            assertThat(sync.records("c1", "").size()).isEqualTo(3);
            other.raw().patch("/environment/settings", "{\"function_validation\": true}");

            sync.run("c1", "shelf", Map.of("count", 5, "stamp", "s"));

            assertThat(sync.records("c1", "").size()).isEqualTo(3);
            assertThat(sync.texts("SELECT error::text FROM run WHERE error IS NOT NULL"))
                    .singleElement()
                    .asString()
                    .contains("invalid_sync_record", "\"keyword\": \"type\"", "must be number");
        }
    }
}
