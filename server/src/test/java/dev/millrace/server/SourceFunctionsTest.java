package dev.millrace.server;

import static dev.millrace.server.testkit.DeployedFunctions.FUNCTIONS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.DeployedFunctions;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Functions given as TypeScript: compiled, tried out and deployed by the server. */
@Tag("slow")
class SourceFunctionsTest {
    private static final String IMPORTS =
            "import { createSync, createAction } from 'nango';\nimport * as z from 'zod';\n";

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final MockApi mock = new MockApi();
    private static DeployedFunctions functions;

    @BeforeAll
    static void prepare() {
        functions = new DeployedFunctions(server);
        server.raw().post("/connections/metadata", """
                {"connection_id": "c1", "provider_config_key": "crm", "metadata": {"mock": "%s"}}""".formatted(mock.url()));
    }

    @AfterAll
    static void stop() {
        mock.close();
    }

    private static String action(String body) {
        return IMPORTS
                + "export default createAction({ description: 'd', version: '1.2.0', input: z.any(), output: z.any(),\n"
                + "  exec: async (nango, input) => { " + body + " } });\n";
    }

    private static String sync(String model, String body) {
        return IMPORTS + "export default createSync({ description: 'd', frequency: 'every hour', models: { " + model
                + ": z.object({ id: z.string(), n: z.number().optional() }) },\n"
                + "  metadata: z.object({ mock: z.string(), rows: z.number().default(3) }),\n"
                + "  exec: async (nango) => { " + body + " } });\n";
    }

    private static RawClient.Reply post(String path, Map<String, ?> body) {
        return server.raw().post(path, RawClient.JSON.writeValueAsString(body));
    }

    private static Map<String, Object> dryRun(String type, String code) {
        var body = new LinkedHashMap<String, Object>();
        body.put("integration_id", "crm");
        body.put("function_type", type);
        body.put("code", code);
        body.put("connection_id", "c1");
        return body;
    }

    private static Map<String, Object> deployment(String type, String name, String code) {
        var body = new LinkedHashMap<String, Object>();
        body.put("type", "function");
        body.put("integration_id", "crm");
        body.put("function_type", type);
        body.put("function_name", name);
        body.put("code", code);
        return body;
    }

    /** Asks for a job and waits for its end. */
    private static JsonNode job(String path, Map<String, ?> body) {
        return ended(path, started(path, body));
    }

    private static String started(String path, Map<String, ?> body) {
        var reply = post(path, body);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(202);
        assertThat(reply.json().propertyNames()).containsExactly("id", "status", "created_at");
        return reply.json().path("id").asString();
    }

    private static JsonNode ended(String path, String id) {
        return await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> server.raw().get(path + "/" + id).json(),
                        job -> List.of("success", "failed")
                                .contains(job.path("status").asString()));
    }

    private static JsonNode dryRunEnded(Map<String, ?> body) {
        return job("/functions/dryruns", body);
    }

    private static JsonNode deploymentEnded(Map<String, ?> body) {
        return job("/functions/deployments", body);
    }

    @Test
    void source_text_is_compiled_to_a_bundle() {
        var reply = post("/functions/compile", Map.of("code", action("return 1;")));

        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        assertThat(reply.json().propertyNames()).containsExactly("bundle_size_bytes", "bundled_js", "compiled_at");
        var js = reply.json().path("bundled_js").asString();
        assertThat(js)
                .contains("require(\"zod\")")
                .contains("//# sourceMappingURL=data:")
                .doesNotContain("require(\"nango\")");
        assertThat(reply.json().path("bundle_size_bytes").asInt())
                .isEqualTo(js.getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
    }

    @Test
    void a_fault_in_the_source_text_is_named_with_its_line() {
        var syntax = post("/functions/compile", Map.of("code", "export default createAction({"));
        var unawaited = post("/functions/compile", Map.of("code", action("\n  nango.log('x');")));

        assertThat(syntax.status()).isEqualTo(400);
        assertThat(syntax.code()).isEqualTo("compilation_error");
        assertThat(unawaited.json().at("/error/message").asString())
                .isEqualTo("function.ts:5:3: nango.log() must be awaited");
        assertThat(unawaited.json().at("/error/payload/type").asString()).isEqualTo("method_need_await");
        assertThat(post("/functions/compile", Map.of()).code()).isEqualTo("invalid_body");
    }

    @Test
    void code_that_loads_forever_ends_as_a_compilation_error_and_affects_no_other_run() {
        var escapes = post("/functions/compile", Map.of("code", action("return 1;") + "process.exit(0);"));

        assertThat(escapes.code()).isEqualTo("compilation_error");
        assertThat(escapes.json().at("/error/message").asString()).contains("process is not defined");
        assertThat(server.raw().get("/health").status()).isEqualTo(200);
    }

    @Test
    void a_deployment_puts_a_function_in_service() {
        var ended = deploymentEnded(deployment("action", "greet", action("return `hello ${input.name ?? 'you'}`;")));

        assertThat(ended.path("status").asString()).as(ended.toString()).isEqualTo("success");
        assertThat(ended.path("deployed").asBoolean()).isTrue();
        assertThat(ended.path("deployed_functions").toString())
                .isEqualTo("[{\"name\":\"greet\",\"version\":\"1.2.0\"}]");
        assertThat(ended.propertyNames())
                .contains(
                        "id",
                        "integration_id",
                        "function_type",
                        "created_at",
                        "updated_at",
                        "started_at",
                        "completed_at",
                        "duration_ms");
        assertThat(functions.run("greet")).isEqualTo("hello you");
        var shown = server.raw().get(FUNCTIONS + "/greet").json().path("data");
        assertThat(shown.path("source").asString()).isEqualTo("standalone");
        assertThat(shown.path("json_schema").toString()).contains("ActionInput_crm_greet");
        assertThat(server.raw()
                        .get(FUNCTIONS + "/greet/code")
                        .json()
                        .path("code")
                        .asString())
                .startsWith(IMPORTS);
    }

    @Test
    void a_deployment_that_cannot_be_done_says_why() {
        var broken = deploymentEnded(deployment("action", "broken", "export default 1;"));
        var wrongType = deploymentEnded(deployment("sync", "broken", action("return 1;")));
        var unsafe =
                deploymentEnded(deployment("action", "broken", action("return (() => 1).constructor('return 1')();")));
        var offGrammar = deploymentEnded(deployment(
                "sync", "broken", sync("Item", "").replace("createSync({", "createSync({ version: 'x'.repeat(300),")));

        assertThat(broken.at("/error/code").asString()).isEqualTo("compilation_error");
        assertThat(wrongType.at("/error/message").asString())
                .isEqualTo("The code defines a function of type action, not sync");
        assertThat(unsafe.at("/error/code").asString()).isEqualTo("deployment_error");
        assertThat(unsafe.at("/error/payload/code").asString()).isEqualTo("deploy_script_security_rejected");
        assertThat(offGrammar.at("/error/code").asString()).isEqualTo("validation_error");
        assertThat(server.raw().get(FUNCTIONS + "/broken").status()).isEqualTo(404);
    }

    @Test
    void a_deployment_does_not_touch_what_a_project_manages() {
        functions.deploy("repo", "single", DeployedFunctions.action("managed", "a"));

        var refused = post("/functions/deployments", deployment("action", "managed", action("return 1;")));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isEqualTo("invalid_request");
        var elsewhere = deployment("action", "x", action("return 1;"));
        elsewhere.put("integration_id", "nope");
        assertThat(post("/functions/deployments", elsewhere).code()).isEqualTo("integration_not_found");
        var template =
                post("/functions/deployments", Map.of("type", "template", "integration_id", "crm", "template", "t"));
        assertThat(template.status()).isEqualTo(404);
        assertThat(template.code()).isEqualTo("template_not_found");
        assertThat(server.raw()
                        .get("/functions/deployments/" + java.util.UUID.randomUUID())
                        .code())
                .isEqualTo("deployment_not_found");
        assertThat(server.raw().get("/functions/deployments/x").code()).isEqualTo("invalid_uri_params");
    }

    @Test
    void a_model_is_taken_from_connections_only_when_that_is_wanted() {
        assertThat(deploymentEnded(deployment("sync", "models", sync("Item", "")))
                        .path("status")
                        .asString())
                .isEqualTo("success");
        var without = deployment("sync", "models", sync("Other", ""));

        var refused = deploymentEnded(without);
        without.put("allow_destructive", true);
        var done = deploymentEnded(without);

        assertThat(refused.at("/error/payload/code").asString()).isEqualTo("destructive_deployment");
        assertThat(done.path("status").asString()).as(done.toString()).isEqualTo("success");
    }

    @Test
    void a_dry_run_of_an_action_answers_its_result() {
        var body = dryRun("action", action("""
                await nango.log('got', input);
                const { data } = await nango.get({ endpoint: '/echo', baseUrlOverride: input.mock });
                return { method: data.method, cli: nango.isCLI, id: nango.activityLogId };"""));
        body.put("input", Map.of("mock", mock.url()));

        var ended = dryRunEnded(body);

        assertThat(ended.path("status").asString()).as(ended.toString()).isEqualTo("success");
        assertThat(ended.path("result").toString()).isEqualTo("{\"method\":\"GET\",\"cli\":true,\"id\":\"\"}");
        assertThat(ended.path("output").asString()).contains("[info] got");
        assertThat(functions.texts("SELECT count(*)::text FROM run WHERE function_id = 0"))
                .containsExactly("0");
    }

    @Test
    void a_dry_run_of_a_sync_shows_what_it_would_save() {
        var body = dryRun("sync", sync("Item", """
                const { mock, rows } = await nango.getMetadata();
                const from = await nango.getCheckpoint();
                await nango.trackDeletesStart('Item');
                const items = Array.from({ length: rows }, (_, i) => ({ id: `i${i}`, n: from!.at as number }));
                await nango.batchSave([...items, { id: 'i0', n: 99 }], 'Item');
                await nango.batchDelete([{ id: 'old' }], 'Item');
                await nango.saveCheckpoint({ at: 8 });
                const { deletedKeys } = await nango.trackDeletesEnd('Item') as any;
                if (deletedKeys.length !== 0 || mock !== 'stub' || !(await nango.tryAcquireLock({ key: 'k', ttlMs: 1000 }))) throw new Error('no');
                """));
        body.put("metadata", Map.of("mock", "stub", "rows", 2));
        body.put("checkpoint", Map.of("at", 7));
        body.put("last_sync_date", "2026-01-02T03:04:05Z");

        var ended = dryRunEnded(body);

        assertThat(ended.path("status").asString()).as(ended.toString()).isEqualTo("success");
        assertThat(ended.path("result").toString())
                .isEqualTo("{\"batchSave\":{\"Item\":[{\"id\":\"i0\",\"n\":99},{\"id\":\"i1\",\"n\":7}]},"
                        + "\"batchDelete\":{\"Item\":[{\"id\":\"old\"}]},\"checkpoint\":{\"at\":8}}");
        assertThat(ended.path("output").asString()).contains("batchSave Item: 3 records");
        assertThat(functions.texts("SELECT count(*)::text FROM dataset")).containsExactly("0");
        assertThat(functions.texts("SELECT count(*)::text FROM checkpoint")).containsExactly("0");
        assertThat(functions.texts("SELECT count(*)::text FROM function_lock")).containsExactly("0");
    }

    @Test
    void a_dry_run_that_fails_says_what_was_thrown() {
        var thrown =
                dryRunEnded(dryRun("action", action("throw new nango.ActionError({ message: 'no such thing' });")));
        var provider = dryRunEnded(dryRun("action", action("""
                const { mock } = await nango.getMetadata();
                return nango.get({ endpoint: '/status/404', baseUrlOverride: mock });""")));
        var undeclared = dryRunEnded(dryRun("sync", sync("Item", "await nango.batchSave([{ id: '1' }], 'Nothing');")));
        var uncompiled = dryRunEnded(dryRun("action", "export default 1;"));

        assertThat(thrown.path("status").asString()).isEqualTo("failed");
        assertThat(thrown.path("error").toString())
                .isEqualTo(
                        "{\"code\":\"dryrun_error\",\"message\":\"no such thing\",\"payload\":"
                                + "{\"type\":\"action_script_runtime_error\",\"payload\":{\"message\":\"no such thing\"},\"status\":500}}");
        assertThat(provider.at("/error/payload/type").asString()).isEqualTo("script_http_error");
        assertThat(undeclared.at("/error/message").asString()).contains("The model 'Nothing' is not included");
        assertThat(uncompiled.at("/error/code").asString()).isEqualTo("compilation_error");
    }

    @Test
    void a_dry_run_needs_an_integration_and_a_connection() {
        var nowhere = dryRun("action", action("return 1;"));
        nowhere.put("integration_id", "nope");
        var nobody = dryRun("action", action("return 1;"));
        nobody.put("connection_id", "nope");
        var bad = dryRun("webhook", "");
        bad.put("last_sync_date", "yesterday");

        assertThat(post("/functions/dryruns", nowhere).code()).isEqualTo("integration_not_found");
        assertThat(post("/functions/dryruns", nobody).code()).isEqualTo("connection_not_found");
        assertThat(post("/functions/dryruns", bad).json().at("/error/errors")).hasSize(3);
        assertThat(server.raw()
                        .get("/functions/dryruns/" + java.util.UUID.randomUUID())
                        .code())
                .isEqualTo("dryrun_not_found");
        assertThat(post("/functions/dryruns/" + java.util.UUID.randomUUID() + "/result", Map.of())
                        .status())
                .isEqualTo(403);
    }

    @Test
    void after_a_restart_a_lost_dry_run_has_failed_and_a_lost_deployment_is_done() {
        mock.hold(0);
        var dry = started("/functions/dryruns", dryRun("action", action("""
                const { mock } = await nango.getMetadata();
                return nango.get({ endpoint: '/items', baseUrlOverride: mock, params: { cursor: '0', total: '1' } });""")));
        await().atMost(Duration.ofSeconds(90)).until(() -> mock.cursors().contains(0));
        var deployed = started("/functions/deployments", deployment("action", "survivor", action("return 'alive';")));

        server.restart();
        mock.release();

        assertThat(ended("/functions/dryruns", dry).path("error").toString())
                .isEqualTo("{\"code\":\"execution_environment_unavailable\",\"message\":"
                        + "\"The server stopped while this ran. Ask for it again.\"}");
        assertThat(ended("/functions/deployments", deployed).path("status").asString())
                .isEqualTo("success");
        assertThat(functions.run("survivor")).isEqualTo("alive");
    }
}
