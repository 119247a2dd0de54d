package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.DeployedFunctions;
import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Functions on a connection whose token has to be renewed: what they get, and what becomes of syncs. */
@Timeout(300)
class CredentialSyncsTest {
    @TempDir
    static Path folder;

    private static ScriptedApi api;
    private static TestServer server;

    private static final String DEFINITION = """
            plain:
                display_name: Plain
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: @api/authorize
                token_url: @api/token
                proxy: {base_url: @api}
            """;

    @BeforeAll
    static void start() throws IOException {
        api = new ScriptedApi();
        server = TestServer.with(
                List.of(Files.writeString(folder.resolve("own.yaml"), DEFINITION.replace("@api", api.url()))));
        server.client()
                .createIntegration(Map.of(
                        "provider",
                        "plain",
                        "unique_key",
                        "crm",
                        "credentials",
                        Map.of("type", "OAUTH2", "client_id", "id", "client_secret", "secret", "scopes", "")));
        var token = DeployedFunctions.action("token", "");
        token.put(
                "fileBody",
                code(
                        "action",
                        "async (nango) => ({token: await nango.getToken(),"
                                + " called: (await nango.get({endpoint: '/things'})).status,"
                                + " shown: (await nango.getConnection()).credentials.access_token})"));
        server.client().deploy(Deployment.replacing(List.of(token, sync("first", "Item"), sync("second", "Other"))));
    }

    private static Map<String, Object> sync(String name, String model) {
        var sync = DeployedFunctions.sync(name, "every day", model);
        sync.put("auto_start", true);
        return sync;
    }

    private static Map<String, String> code(String type, String exec) {
        return Map.of(
                "js",
                "\"use strict\";\nexports.default = { type: \"" + type + "\", exec: " + exec + " };\n",
                "ts",
                "// source");
    }

    @AfterAll
    static void stop() {
        server.close();
        api.close();
    }

    @BeforeEach
    void answer() {
        api.answers(_ -> Given.json(200, "{\"access_token\":\"new\",\"expires_in\":3600}"));
    }

    private static void connect(String id, Duration goodFor) {
        var reply = server.raw()
                .post("/connections", """
                {"provider_config_key":"crm","connection_id":"%s","credentials":{"type":"OAUTH2","access_token":"old",\
                "refresh_token":"r","expires_at":"%s"}}""".formatted(id, Instant.now().plus(goodFor)));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(201);
    }

    private static RawClient.Reply get(String id, String more) {
        return server.raw().get("/connections/" + id + "?provider_config_key=crm" + more);
    }

    private static String status(String sync, String id) {
        var reply = server.raw().get("/sync/status?syncs=" + sync + "&provider_config_key=crm&connection_id=" + id);
        return reply.json().at("/syncs/0/status").asString();
    }

    /** A first run may be about to begin, which shows SUCCESS, or be running. */
    private static void awaitStatus(String id, String wanted) {
        await().until(() -> status("first", id).equals(wanted));
    }

    private static void pause(String sync, String id) {
        server.raw().post("/sync/pause", """
                {"syncs":["%s"],"provider_config_key":"crm","connection_id":"%s"}""".formatted(sync, id));
    }

    @Test
    void a_function_gets_a_fresh_token_everywhere() {
        connect("fresh", Duration.ofSeconds(-1));

        var headers =
                Map.of("Provider-Config-Key", "crm", "Connection-Id", "fresh", "Content-Type", "application/json");
        var reply = server.raw()
                .send("POST", "/action/trigger", headers, BodyPublishers.ofString("{\"action_name\":\"token\"}"));

        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        assertThat(reply.text()).isEqualTo("{\"token\":\"new\",\"called\":200,\"shown\":\"new\"}");
        assertThat(api.asked())
                .filteredOn(asked -> asked.path().equals("/token"))
                .hasSize(1);
    }

    @Test
    void a_refusal_pauses_syncs_and_authorising_again_resumes_all_but_those_a_user_paused() {
        connect("refused", Duration.ofHours(1));
        awaitStatus("refused", "SUCCESS");
        pause("second", "refused");
        api.answers(_ -> Given.json(400, "{\"error\":\"invalid_grant\"}"));

        get("refused", "&force_refresh=true");
        awaitStatus("refused", "PAUSED");

        answer();
        connect("refused", Duration.ofHours(1));
        awaitStatus("refused", "SUCCESS");
        assertThat(status("second", "refused")).isEqualTo("PAUSED");
    }

    @Test
    void a_renewal_that_succeeds_after_all_resumes_syncs_too() {
        connect("back", Duration.ofHours(1));
        awaitStatus("back", "SUCCESS");
        api.answers(_ -> Given.json(400, "{\"error\":\"invalid_grant\"}"));
        get("back", "&force_refresh=true");
        awaitStatus("back", "PAUSED");

        answer();
        get("back", "&force_refresh=true");

        awaitStatus("back", "SUCCESS");
    }

    @Test
    void an_outage_pauses_nothing() {
        connect("outage", Duration.ofHours(1));
        awaitStatus("outage", "SUCCESS");
        api.answers(_ -> Given.json(503, ""));

        var reply = get("outage", "&force_refresh=true");

        assertThat(reply.status()).isEqualTo(400);
        awaitStatus("outage", "SUCCESS");
        assertThat(get("outage", "").json().at("/errors/0/type").asString()).isEqualTo("auth");
    }
}
