package dev.millrace.server;

import static dev.millrace.server.testkit.DeployedFunctions.FUNCTIONS;
import static dev.millrace.server.testkit.DeployedFunctions.action;
import static dev.millrace.server.testkit.DeployedFunctions.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.DeployedFunctions;
import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** The functions of one integration, read and deleted. */
class FunctionApiTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static DeployedFunctions functions;

    @BeforeAll
    static void deploy() {
        functions = new DeployedFunctions(server);
        var deployed = functions.deploy(
                sync("items", "every hour", "Item"), action("say", "hello"), sync("say", "every day", "Word"));
        assertThat(deployed.status()).as(deployed.toString()).isEqualTo(200);
        assertThat(functions
                        .deploy("standalone", "single", action("alone", "x"))
                        .status())
                .isEqualTo(200);
    }

    private static RawClient.Reply get(String rest) {
        return server.raw().get(FUNCTIONS + rest);
    }

    private static java.util.List<String> listed(String query) {
        return get(query)
                .json()
                .path("data")
                .valueStream()
                .map(f -> f.path("type").asString() + " " + f.path("name").asString())
                .toList();
    }

    @Test
    void functions_are_listed_by_type_and_name_in_pages() {
        assertThat(listed("")).containsExactly("action alone", "action say", "sync items", "sync say");
        assertThat(listed("?type=sync")).containsExactly("sync items", "sync say");
        assertThat(listed("?search=%20SA%20")).containsExactly("action say", "sync say");
        assertThat(listed("?page=1&limit=3")).containsExactly("sync say");
        assertThat(get("?page=1&limit=3").json().path("pagination").toString())
                .isEqualTo("{\"total\":4,\"page\":1,\"limit\":3}");
    }

    @Test
    void the_deploy_of_a_project_leaves_functions_alone_that_came_one_by_one() {
        var project = Deployment.replacing(java.util.List.of(action("say", "hello")));
        project.put("source", "repo");
        project.remove("nangoYamlBody");

        var plan = server.raw().post("/sync/deploy/confirmation", RawClient.JSON.writeValueAsString(project));

        assertThat(plan.status()).as(plan.toString()).isEqualTo(200);
        assertThat(plan.toString()).doesNotContain("alone");
        assertThat(plan.toString()).contains("items");
    }

    @Test
    void what_cannot_be_listed_is_refused() {
        for (var query :
                java.util.List.of("?limit=0", "?limit=101", "?page=-1", "?search=%20", "?type=webhook", "?x=1")) {
            var reply = get(query);
            assertThat(reply.status()).as(query).isEqualTo(400);
            assertThat(reply.code()).as(query).isEqualTo("invalid_query_params");
        }
        var unknown = server.raw().get("/integrations/nope/functions");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.code()).isEqualTo("not_found");
    }

    @Test
    void a_sync_and_an_action_are_shown_with_what_they_declare() {
        var action = get("/say?type=action").json().path("data");
        var sync = get("/items").json().path("data");

        assertThat(action.propertyNames())
                .containsExactly(
                        "name",
                        "description",
                        "scopes",
                        "type",
                        "input",
                        "returns",
                        "json_schema",
                        "id",
                        "enabled",
                        "last_deployed",
                        "source");
        assertThat(action.path("input").asString()).isEqualTo("ActionInput_crm_say");
        assertThat(sync.propertyNames())
                .containsExactly(
                        "name",
                        "scopes",
                        "type",
                        "returns",
                        "json_schema",
                        "runs",
                        "auto_start",
                        "track_deletes",
                        "id",
                        "enabled",
                        "last_deployed",
                        "source");
        assertThat(sync.path("runs").asString()).isEqualTo("every hour");
        assertThat(sync.path("json_schema").toString()).isEqualTo("{\"definitions\":{\"Item\":{\"type\":\"object\"}}}");
        assertThat(sync.path("source").asString()).isEqualTo("repo");
    }

    @Test
    void the_code_is_the_source_text() {
        var reply = get("/items/code").json();

        assertThat(reply.path("type").asString()).isEqualTo("sync");
        assertThat(reply.path("code").asString()).startsWith("// source of async");
    }

    @Test
    void one_name_for_several_functions_asks_for_the_type() {
        var reply = get("/say/code");

        assertThat(reply.status()).isEqualTo(409);
        assertThat(reply.code()).isEqualTo("ambiguous_function");
        assertThat(reply.json().at("/error/payload/matches").toString())
                .isEqualTo("[{\"type\":\"action\",\"name\":\"say\"},{\"type\":\"sync\",\"name\":\"say\"}]");
        assertThat(get("/say/code?type=sync").status()).isEqualTo(200);
        assertThat(get("/nobody").code()).isEqualTo("not_found");
        assertThat(get("/nobody/code").code()).isEqualTo("not_found");
    }

    @Test
    void only_functions_that_no_project_manages_are_deleted() {
        assertThat(functions.deploy("standalone", "single", action("gone", "x")).status())
                .isEqualTo(200);

        var managed = server.raw().send("DELETE", FUNCTIONS + "/say?type=action", "");
        var untyped = server.raw().send("DELETE", FUNCTIONS + "/gone", "");
        var deleted = server.raw().send("DELETE", FUNCTIONS + "/gone?type=action", "");
        var again = server.raw().send("DELETE", FUNCTIONS + "/gone?type=action", "");

        assertThat(managed.status()).isEqualTo(400);
        assertThat(managed.code()).isEqualTo("function_managed_by_deploy");
        assertThat(untyped.code()).isEqualTo("invalid_query_params");
        assertThat(deleted.status()).isEqualTo(200);
        assertThat(deleted.text()).isEqualTo("{\"data\":{\"success\":true}}");
        assertThat(again.status()).isEqualTo(404);
        assertThat(listed("?search=gone")).isEmpty();
        JsonNode trigger = server.raw().get(FUNCTIONS + "/gone").json();
        assertThat(trigger.at("/error/message").asString()).isEqualTo("Function does not exist");
    }

    @Test
    void a_provider_has_no_templates_on_a_server_without_a_catalogue() {
        var templates = server.raw().get("/providers/github/templates");

        assertThat(templates.status()).isEqualTo(200);
        assertThat(templates.text()).isEqualTo("{\"data\":[]}");
        assertThat(server.raw().get("/providers/no-such/templates").code()).isEqualTo("not_found");
        assertThat(server.raw().get("/providers/github/templates?x=1").code()).isEqualTo("invalid_query_params");
    }
}
