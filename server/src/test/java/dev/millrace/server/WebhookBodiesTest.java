package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.SentEvents;
import dev.millrace.server.testkit.TestServer;
import dev.millrace.server.testkit.WebhookReceiver;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bodies of webhooks equal those of the reference byte by byte, apart from times and ids. */
@Timeout(180)
class WebhookBodiesTest {
    private static final String DEFINITIONS = """
            plain:
                display_name: Plain
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: @api/authorize
                token_url: @api/token
                token_params: {grant_type: authorization_code}
                proxy: {base_url: @api}
            client:
                display_name: Client
                docs: https://docs.example
                auth_mode: OAUTH2_CC
                token_url: @api/token
                proxy: {base_url: @api}
            """;

    @TempDir
    static Path folder;

    private static ScriptedApi api;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        api = new ScriptedApi();
        server = TestServer.with(
                List.of(Files.writeString(folder.resolve("own.yaml"), DEFINITIONS.replace("@api", api.url()))));
        var scripts = Scripts.onNew(server.client()).sync("items", """
                        const { fail, checkpoint } = (await nango.getMetadata()) ?? {};
                        if (checkpoint) await nango.saveCheckpoint({ at: checkpoint });
                        if (fail === 'upstream') await nango.get({ endpoint: '/', baseUrlOverride: fail, retries: 0 });
                        if (fail) throw new Error('sync exploded');
                        await nango.batchSave([{ id: 'i1' }, { id: 'i2' }], 'Item');
                        """).action("act", "return 1;");
        scripts.deploy();
    }

    @AfterAll
    static void stop() {
        server.close();
        api.close();
    }

    private static void settings(String webhooks) {
        var reply = server.raw().patch("/environment/settings", "{\"webhooks\":{" + webhooks + "}}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    }

    private static ConnectionRef connection(String id, String more) {
        var reply = server.raw().post("/connections", """
                {"provider_config_key":"crm","connection_id":"%s","credentials":{"type":"NONE"}%s}""".formatted(id, more));
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        return new ConnectionRef("crm", id);
    }

    /** The bodies of all events of a connection, with placeholders for times and ids. */
    private static List<String> told(String connection) {
        return SentEvents.of(server).stream()
                .filter(body -> body.contains("\"connectionId\":\"" + connection + '"'))
                .map(WebhookBodiesTest::blanked)
                .toList();
    }

    private static String blanked(String body) {
        return body.replaceAll("\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\"", "\"@time\"")
                .replaceAll("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "@id")
                .replaceAll("\"stacktrace\":\\[[^]]*]", "\"stacktrace\":[]");
    }

    private static void awaitTold(String connection, String... bodies) {
        await().atMost(WebhookReceiver.TIMEOUT)
                .untilAsserted(() -> assertThat(told(connection)).containsExactly(bodies));
    }

    private static String auth(String connection, String operation, String rest) {
        return "{\"authMode\":\"NONE\",\"connectionId\":\"" + connection
                + "\",\"environment\":\"dev\",\"from\":\"nango\",\"operation\":\"" + operation
                + "\",\"provider\":\"unauthenticated\",\"providerConfigKey\":\"crm\",\"success\":true," + rest
                + ",\"type\":\"auth\"}";
    }

    @Test
    void of_a_connection() throws InterruptedException {
        connection("c1", ",\"tags\":{\"end_user_id\":\"u1\"}");
        connection("c1", "");
        server.client().deleteConnection(new ConnectionRef("crm", "c1"));

        awaitTold(
                "c1",
                auth("c1", "creation", "\"tags\":{\"end_user_id\":\"u1\"}"),
                auth("c1", "override", "\"tags\":{}"),
                auth("c1", "deletion", "\"tags\":{}"));
    }

    @Test
    void of_a_connection_that_its_end_user_made() {
        var session = server.raw().post("/connect/sessions", """
                {"end_user":{"id":"eu2","email":"x@example.com","display_name":"X"},"allowed_integrations":["crm"]}""");
        var token = session.json().at("/data/token").asString();
        var connected = server.raw()
                .send(
                        "POST",
                        "/auth/unauthenticated/crm?connect_session_token=" + token,
                        Map.of("Content-Type", "application/json", "Authorization", "none"),
                        BodyPublishers.noBody());
        var id = connected.json().path("connectionId").asString();

        await().atMost(WebhookReceiver.TIMEOUT)
                .untilAsserted(() -> assertThat(SentEvents.of(server))
                        .contains("{\"authMode\":\"NONE\",\"connectionId\":\"" + id
                                + "\",\"endUser\":{\"endUserEmail\":\"x@example.com\",\"endUserId\":\"eu2\",\"tags\":{}},"
                                + "\"environment\":\"dev\",\"from\":\"nango\",\"operation\":\"creation\","
                                + "\"provider\":\"unauthenticated\",\"providerConfigKey\":\"crm\",\"success\":true,"
                                + "\"tags\":{\"end_user_display_name\":\"X\",\"end_user_email\":\"x@example.com\","
                                + "\"end_user_id\":\"eu2\"},\"type\":\"auth\"}"));
    }

    @Test
    void of_a_customer_who_could_not_connect() {
        api.answers(_ -> Given.json(401, "{\"error\":\"invalid_client\"}"));
        server.client().createIntegration(Map.of("provider", "client", "unique_key", "client"));
        var session = server.raw().post("/connect/sessions", """
                {"end_user":{"id":"eu3"},"allowed_integrations":["client"]}""");
        var token = session.json().at("/data/token").asString();
        var refused = server.raw()
                .send(
                        "POST",
                        "/oauth2/auth/client?connect_session_token=" + token,
                        Map.of("Content-Type", "application/json", "Authorization", "none"),
                        BodyPublishers.ofString("{\"client_id\":\"c\",\"client_secret\":\"wrong\"}"));
        assertThat(refused.status()).as(refused.text()).isEqualTo(400);

        assertThat(SentEvents.of(server).stream().filter(body -> body.contains("\"client\"")))
                .singleElement()
                .asString()
                .matches("\\{\"authMode\":\"OAUTH2_CC\",\"connectionId\":\"[0-9a-f-]{36}\",\"environment\":\"dev\","
                        + "\"error\":\\{\"description\":\"[^\"].*\",\"type\":\"client_credentials_fetch_error\"},"
                        + "\"from\":\"nango\",\"operation\":\"creation\",\"provider\":\"client\","
                        + "\"providerConfigKey\":\"client\",\"success\":false,\"type\":\"auth\"}");
    }

    @Test
    void of_a_refresh_that_fails_and_of_the_first_that_succeeds_then() {
        api.answers(_ -> Given.json(400, "{\"error\":\"invalid_grant\",\"error_description\":\"no\"}"));
        server.client()
                .createIntegration(Map.of(
                        "provider",
                        "plain",
                        "unique_key",
                        "plain",
                        "credentials",
                        Map.of("type", "OAUTH2", "client_id", "c", "client_secret", "s", "scopes", "")));
        server.raw().post("/connections", """
                {"provider_config_key":"plain","connection_id":"token","credentials":{"type":"OAUTH2",\
                "access_token":"old","refresh_token":"r1","expires_at":"%s"}}""".formatted(Instant.now().minusSeconds(60)));
        var read = "/connections/token?provider_config_key=plain&force_refresh=true";
        server.raw().get(read);
        api.answers(_ -> Given.json(200, "{\"access_token\":\"new\",\"expires_in\":3600}"));
        server.raw().get(read);
        server.raw().get(read);

        var told = told("token");
        assertThat(told).hasSize(3);
        assertThat(told.get(1))
                .startsWith("{\"authMode\":\"OAUTH2\",\"connectionId\":\"token\",\"environment\":\"dev\","
                        + "\"error\":{\"description\":\"")
                .endsWith("\"from\":\"nango\",\"operation\":\"refresh\",\"provider\":\"plain\","
                        + "\"providerConfigKey\":\"plain\",\"success\":false,\"tags\":{},\"type\":\"auth\"}");
        assertThat(told.get(2))
                .isEqualTo("{\"authMode\":\"OAUTH2\",\"connectionId\":\"token\",\"environment\":\"dev\","
                        + "\"from\":\"nango\",\"operation\":\"refresh\",\"provider\":\"plain\","
                        + "\"providerConfigKey\":\"plain\",\"success\":true,\"tags\":{},\"type\":\"auth\"}");
    }

    private static String success(String connection, String more, int added, String type) {
        return "{" + more + "\"connectionId\":\"" + connection
                + "\",\"from\":\"nango\",\"model\":\"Item\",\"modifiedAfter\":\"@time\",\"providerConfigKey\":\"crm\","
                + "\"queryTimeStamp\":\"@time\",\"responseResults\":{\"added\":" + added
                + ",\"deleted\":0,\"updated\":0},\"success\":true,\"syncName\":\"items\",\"syncType\":\"" + type
                + "\",\"syncVariant\":\"base\",\"type\":\"sync\"}";
    }

    private static void trigger(ConnectionRef connection, int sofar) {
        server.client().triggerSync(connection, List.of("items"));
        await().atMost(WebhookReceiver.TIMEOUT)
                .until(() -> told(connection.connection()).size() > sofar);
    }

    @Test
    void of_runs_of_a_sync() {
        var connection = connection("s1", "");
        trigger(connection, 1);
        trigger(connection, 2);
        server.client().setMetadata(connection, Map.of("fail", "yes"));
        trigger(connection, 3);
        server.client().setMetadata(connection, Map.of("checkpoint", 7));
        trigger(connection, 4);

        assertThat(told("s1"))
                .containsExactly(
                        auth("s1", "creation", "\"tags\":{}"),
                        success("s1", "", 2, "INITIAL"),
                        success("s1", "", 0, "INCREMENTAL"),
                        "{\"connectionId\":\"s1\",\"error\":{\"description\":\"An internal error occurred during the script"
                                + " execution\",\"payload\":{\"message\":\"sync exploded\",\"name\":\"Error\","
                                + "\"stacktrace\":[]},\"type\":\"script_error\"},\"failedAt\":\"@time\",\"from\":\"nango\","
                                + "\"model\":\"Item\",\"providerConfigKey\":\"crm\",\"startedAt\":\"@time\","
                                + "\"success\":false,\"syncName\":\"items\",\"syncType\":\"INCREMENTAL\","
                                + "\"syncVariant\":\"base\",\"type\":\"sync\"}",
                        success("s1", "\"checkpoints\":{\"from\":null,\"to\":{\"at\":7}},", 0, "INCREMENTAL"));
    }

    @Test
    void of_an_asynchronous_action() {
        var connection = connection("a1", "");
        server.raw()
                .send(
                        "POST",
                        "/action/trigger",
                        Map.of(
                                "Content-Type",
                                "application/json",
                                "Connection-Id",
                                connection.connection(),
                                "Provider-Config-Key",
                                "crm",
                                "X-Async",
                                "true"),
                        BodyPublishers.ofString("{\"action_name\":\"act\",\"input\":{}}"));

        awaitTold(
                "a1",
                auth("a1", "creation", "\"tags\":{}"),
                "{\"connectionId\":\"a1\",\"from\":\"nango\",\"payload\":{\"id\":\"@id\",\"statusUrl\":\"/action/@id\"},"
                        + "\"providerConfigKey\":\"crm\",\"type\":\"async_action\"}");
    }

    @Test
    void only_what_the_settings_want_is_told() {
        settings("\"on_auth_creation\":false,\"on_sync_completion_always\":false,\"on_sync_error\":false,"
                + "\"on_connection_deletion\":false");
        try {
            var connection = connection("quiet", "");
            server.client().triggerSync(connection, List.of("items"));
            await().atMost(WebhookReceiver.TIMEOUT).until(() -> told("quiet").size() == 1);
            server.client().triggerSync(connection, List.of("items"));
            await().atMost(WebhookReceiver.TIMEOUT)
                    .until(() -> server.client()
                            .syncStatus(connection, List.of("items"))
                            .getFirst()
                            .latestResult()
                            .toString()
                            .contains("\"added\":0"));
            connection("quiet", "");
            server.client().deleteConnection(connection);

            assertThat(told("quiet"))
                    .containsExactly(success("quiet", "", 2, "INITIAL"), auth("quiet", "override", "\"tags\":{}"));
        } finally {
            settings("\"on_auth_creation\":true,\"on_sync_completion_always\":true,\"on_sync_error\":true,"
                    + "\"on_connection_deletion\":true");
        }
    }
}
