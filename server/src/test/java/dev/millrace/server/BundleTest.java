package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.BundleProject;
import dev.millrace.server.testkit.DeployedFunctions;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.node.ObjectNode;

/** Functions of the experimental format: stored and compared as the official CLI expects it. */
class BundleTest {
    private static final String BUNDLE = "/functions/deployments/bundle";

    @RegisterExtension
    static final TestServer server = TestServer.start();

    @BeforeAll
    static void prepare() {
        new DeployedFunctions(server);
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "erp"));
    }

    /** As the official CLI sends it. */
    private static ObjectNode function(String integration, String name, String trigger) {
        return (ObjectNode) RawClient.JSON.readTree("""
                {"name": "%s", "integrationId": "%s", "description": "d", "trigger": %s,
                 "requires": {"connection": true, "outbound": true, "invoke": false},
                 "capabilities": {"usesRecords": false, "usesCheckpoints": false, "usesMetadata": false,
                                  "usesOutbound": true, "usesInvoke": false},
                 "limits": {"concurrency": {"perConnection": "max"}},
                 "input_schema_ref": "#/definitions/In", "output_schema_ref": null, "model_schema_refs": [],
                 "metadata_schema_ref": null, "checkpoint_schema_ref": null,
                 "json_schema": {"definitions": {"In": {"type": "object"}}},
                 "fileBody": {"js": "js", "ts": "ts"}}""".formatted(name, integration, trigger));
    }

    private static ObjectNode function(String integration, String name) {
        return function(integration, name, "{\"kind\": \"none\"}");
    }

    private static RawClient.Reply send(String path, String scope, ObjectNode... functions) {
        var body = RawClient.JSON.createObjectNode();
        body.set("reconciliationScope", RawClient.JSON.readTree(scope));
        var list = body.putArray("functions");
        List.of(functions).forEach(list::add);
        return server.raw().post(path, body.toString());
    }

    private static final String ALL = "{\"kind\": \"environment\"}";

    @Test
    void every_function_in_scope_is_in_one_of_four_lists() {
        var changed = function("crm", "b").put("description", "other");

        assertThat(send(BUNDLE, ALL).status()).isEqualTo(200);

        var first = send(BUNDLE, ALL, function("crm", "a"), function("crm", "b"), function("erp", "c"));
        var preview = send(BUNDLE + "/preview", ALL, function("crm", "a"), changed, function("crm", "d"));
        var narrow =
                send(BUNDLE, "{\"kind\":\"integration\",\"integrationId\":\"crm\"}", function("crm", "a"), changed);
        var last = send(BUNDLE, ALL);

        assertThat(first.text()).isEqualTo("""
                {"created":[{"integrationId":"crm","name":"a"},{"integrationId":"crm","name":"b"},\
                {"integrationId":"erp","name":"c"}],"updated":[],"unchanged":[],"deleted":[]}""");
        assertThat(preview.text()).isEqualTo("""
                {"created":[{"integrationId":"crm","name":"d"}],"updated":[{"integrationId":"crm","name":"b"}],\
                "unchanged":[{"integrationId":"crm","name":"a"}],"deleted":[{"integrationId":"erp","name":"c"}]}""");
        assertThat(narrow.text()).isEqualTo("""
                {"created":[],"updated":[{"integrationId":"crm","name":"b"}],\
                "unchanged":[{"integrationId":"crm","name":"a"}],"deleted":[]}""");
        assertThat(last.json().path("deleted")).hasSize(3);
        assertThat(server.raw()
                        .get("/integrations/crm/functions")
                        .json()
                        .at("/pagination/total")
                        .asInt())
                .isZero();
    }

    @Test
    void what_does_not_fit_together_is_refused() {
        var unknown = send(BUNDLE + "/preview", "{\"kind\":\"integration\",\"integrationId\":\"does-not-exist\"}");
        var lying = function("crm", "x");
        ((ObjectNode) lying.path("capabilities")).put("usesRecords", true);
        var dangling = function("crm", "x").put("output_schema_ref", "#/definitions/Out");
        var strange = function("crm", "x").put("more", 1);
        var hasty = function("crm", "x", "{\"kind\": \"schedule\", \"frequency\": \"5s\"}");
        var eventful = function("crm", "x", "{\"kind\": \"event\", \"events\": [\"full-moon\"]}");
        var vague = function("crm", "x", "{\"kind\": \"http\", \"debounce\": {\"windowMs\": 1, \"keyBy\": [{}]}}");
        var choosy = function("crm", "x", "{\"kind\": \"http\", \"debounce\": {\"windowMs\": 1, \"take\": \"best\"}}");

        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.text())
                .isEqualTo("{\"error\":{\"code\":\"integration_not_found\",\"message\":"
                        + "\"Integration(s) not found: does-not-exist\"}}");
        for (var wrong : List.of(lying, dangling, strange, hasty, eventful, vague, choosy)) {
            var reply = send(BUNDLE, ALL, wrong);
            assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
            assertThat(reply.code()).isEqualTo("invalid_body");
            assertThat(reply.json().at("/error/errors")).as(reply.toString()).hasSize(1);
        }
        assertThat(send(BUNDLE, ALL, function("crm", "x"), function("crm", "x")).code())
                .isEqualTo("invalid_body");
    }

    @Test
    void an_earlier_version_can_be_activated_again() {
        for (var output : List.of("'old'", "'new'")) {
            var project = new BundleProject();
            project.function("turn", "return " + output + ";");
            project.deploy(server.raw());
        }
        var path = "/integrations/crm/functions/turn";
        assertThat(BundleProject.call(server.raw(), "turn", "c1", "").text()).isEqualTo("\"new\"");
        assertThat(server.raw().get(path + "/versions?type=function").json().path("data"))
                .hasSize(2);

        var reply = server.raw().post(path + "/rollback?type=function", "{}");

        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        assertThat(BundleProject.call(server.raw(), "turn", "c1", "").text()).isEqualTo("\"old\"");
    }

    @Test
    void a_second_deployment_at_the_same_time_is_refused() throws Exception {
        try (var session = DriverManager.getConnection(server.databaseUrl());
                var statement = session.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(7236012, id::int) FROM environment WHERE name = 'dev'");

            var reply = send(BUNDLE, ALL);

            // PostgreSQL releases the lock of a closed session some time later, and other tests deploy.
            statement.execute("SELECT pg_advisory_unlock_all()");
            assertThat(reply.status()).isEqualTo(409);
            assertThat(reply.code()).isEqualTo("concurrent_deployment");
        }
    }

    @Test
    void code_that_makes_functions_of_texts_is_refused() {
        var project = function("crm", "sly");
        ((ObjectNode) project.path("fileBody")).put("js", "(() => {}).constructor('return 1')()");

        assertThat(send(BUNDLE, ALL, project).code()).isEqualTo("deploy_script_security_rejected");
    }
}
