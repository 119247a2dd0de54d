package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestServer;
import dev.millrace.server.testkit.WebhookReceiver;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Webhooks from a provider: the response to the provider, the functions that run, and the webhooks for the application.
 */
@Timeout(180)
class InboundWebhookTest {
    private static final String SUCCESS = "{\"status\":\"success\"}";
    private static final String SAVE = """
            if (payload.fail) throw new Error('no');
            await nango.batchSave([{ id: 'wh-' + payload.seq, name: payload.name }], 'Item');
            """;
    private static final String CALL = """
            const { api } = await nango.getMetadata();
            await nango.get({ endpoint: '/begin/' + payload.seq, baseUrlOverride: api, retries: 0 });
            await nango.get({ endpoint: '/end/' + payload.seq, baseUrlOverride: api, retries: 0 });
            """;

    private static WebhookReceiver app;
    private static ScriptedApi api;
    private static TestServer server;
    private static String environment;

    @BeforeAll
    static void start() {
        app = new WebhookReceiver();
        app.respondWithStatus(_ -> 200);
        api = new ScriptedApi();
        api.answers(_ -> Given.json(200, "{}"));
        server = TestServer.start();
        environment = TestDatabase.rows(server.databaseUrl(), "SELECT uuid FROM environment WHERE name = 'dev'")
                .getFirst();
        server.raw().patch("/environment/settings", """
                {"webhooks":{"primary_url":"%s","on_auth_creation":false}}""".formatted(app.url("/app")));
        var scripts = Scripts.onNew(server.client())
                .webhook("items", List.of("item.created"), SAVE)
                .webhook("calls", List.of("call"), CALL)
                .webhook("everything", List.of("other", "any"), "await nango.saveCheckpoint({ seen: payload.type });");
        scripts.deploy();
        for (var id : List.of("c1", "c2", "fifo", "many", "replay", "list")) {
            scripts.connect(id, Map.of("type", "NONE"), Map.of("api", api.url()));
        }
        server.client()
                .createIntegration(
                        Map.of("provider", "unauthenticated", "unique_key", "mute", "forward_webhooks", false));
        var signed = server.raw().post("/integrations", """
                {"provider":"webhook-hmac","unique_key":"signed","forward_webhooks":true,"custom":{"webhookSecret":"s3cret"},
                 "integration_config":{"eventId":"body.id"}}""");
        assertThat(signed.status()).as(signed.text()).isEqualTo(200);
        server.client().createIntegration(Map.of("provider", "anthropic", "unique_key", "deaf"));
    }

    @AfterAll
    static void stop() {
        server.close();
        api.close();
        app.close();
    }

    private static Reply send(String path, String type, String body) {
        return server.raw().send("POST", path, Map.of("Content-Type", type), BodyPublishers.ofString(body));
    }

    private static Reply event(String body) {
        return send("/webhook/" + environment + "/crm", "application/json", body);
    }

    private static void accepted(Reply reply) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(reply.text()).isEqualTo(SUCCESS);
    }

    private static JsonNode record(String connection, String id) {
        return server.raw()
                .get("/records?model=Item&ids=" + id, Map.of("Provider-Config-Key", "crm", "Connection-Id", connection))
                .json()
                .path("records")
                .path(0);
    }

    private static JsonNode received(String connection, String state) {
        return await().atMost(WebhookReceiver.TIMEOUT)
                .until(
                        () -> server.raw()
                                .get("/webhooks/received?connection_id=" + connection + "&state=" + state)
                                .json()
                                .path("data")
                                .path(0),
                        found -> !found.isMissingNode());
    }

    private static JsonNode details(JsonNode item) {
        return server.raw()
                .get("/webhooks/received/" + item.path("id").asString())
                .json()
                .path("data");
    }

    @Test
    void a_webhook_runs_the_function_and_reaches_the_application() {
        accepted(event("{\"type\":\"item.created\",\"connectionId\":\"c1\",\"seq\":7,\"name\":\"n\",\"z\":1,\"a\":2}"));

        await().atMost(WebhookReceiver.TIMEOUT)
                .until(() -> record("c1", "wh-7").path("name").asString("").equals("n"));
        var forward = app.awaitBody(
                "/app",
                body -> body.path("type").asString("").equals("forward")
                        && body.at("/payload/seq").asInt(0) == 7);
        assertThat(forward.path("from").asString()).isEqualTo("unauthenticated");
        assertThat(forward.path("connectionId").asString()).isEqualTo("c1");
        assertThat(forward.path("providerConfigKey").asString()).isEqualTo("crm");
        var told = app.awaitBody(
                "/app",
                body -> body.path("syncName").asString("").equals("items")
                        && body.path("connectionId").asString("").equals("c1"));
        assertThat(told.path("syncType").asString()).isEqualTo("WEBHOOK");
        assertThat(told.path("success").asBoolean()).isTrue();
        assertThat(told.at("/responseResults/added").asInt()).isEqualTo(1);
        // The sync stays paused. The run is recorded, but last_sync_date does not change.
        var run = TestDatabase.rows(server.databaseUrl(), """
                SELECT concat_ws(' ', r.kind, r.type, r.status, s.state, s.last_sync_date IS NULL)
                  FROM run r JOIN sync s ON s.id = r.sync_id JOIN connection c ON c.id = s.connection_id
                 WHERE s.name = 'items' AND c.connection_id = 'c1'
                """);
        assertThat(run).containsExactly("webhook INCREMENTAL SUCCESS PAUSED t");
    }

    @Test
    void the_application_gets_what_concerns_no_connection_as_it_is() {
        accepted(event("{\"type\":\"item.created\",\"connectionId\":\"nope\",\"b\":1}"));
        accepted(event("{\"hello\":1}"));
        accepted(event("[1]"));

        var request = app.awaitBody(
                "/app", body -> body.path("connectionId").asString("").equals("nope"));
        assertThat(request)
                .isEqualTo(RawClient.JSON.readTree("{\"b\":1,\"connectionId\":\"nope\",\"type\":\"item.created\"}"));
        app.awaitBody("/app", body -> body.path("hello").asInt(0) == 1);
        app.awaitBody("/app", JsonNode::isArray);
    }

    @Test
    void xml_reaches_the_application_as_text() {
        for (var type : List.of("text/xml", "application/xml; charset=utf-8")) {
            accepted(send("/webhook/" + environment + "/crm", type, "<event type='" + type + "'>é</event>"));

            app.awaitBody("/app", body -> body.asString("").equals("<event type='" + type + "'>é</event>"));
        }
    }

    @Test
    void each_connection_gets_its_own_events_of_a_split_webhook() {
        var created = server.raw().post("/integrations", """
                {"provider":"webhook-token","unique_key":"batch",
                 "custom":{"webhookSecret":"s3cret","webhookForwardSplit":"true"},
                 "integration_config":{"events":"body.events","connectionFrom":"event.account"}}""");
        assertThat(created.status()).as(created.text()).isEqualTo(200);
        for (var id : List.of("a1", "a2")) {
            connect("batch", id);
        }
        var headers = Map.of("Content-Type", "application/json", "X-Signature", "s3cret");
        var body = """
                {"site":"x","events":[{"account":"a1","n":1},{"account":"a2","n":2},{"account":"a1","n":3}]}""";

        accepted(server.raw()
                .send("POST", "/webhook/" + environment + "/batch", headers, BodyPublishers.ofString(body)));

        for (var id : List.of("a1", "a2")) {
            var forward = app.awaitBody(
                    "/app", told -> told.path("connectionId").asString("").equals(id));
            assertThat(forward.path("payload"))
                    .isEqualTo(RawClient.JSON.readTree(
                            id.equals("a1")
                                    ? "{\"events\":[{\"account\":\"a1\",\"n\":1},{\"account\":\"a1\",\"n\":3}],\"site\":\"x\"}"
                                    : "{\"events\":[{\"account\":\"a2\",\"n\":2}],\"site\":\"x\"}"));
        }
    }

    private static void connect(String integration, String id) {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        integration,
                        "connection_id",
                        id,
                        "credentials",
                        Map.of("type", "NONE")));
    }

    @Test
    void a_muted_integration_does_not_report_the_runs_of_its_webhook_functions() {
        connect("crm", "muted");
        mute("true");
        try {
            accepted(event("{\"type\":\"item.created\",\"connectionId\":\"muted\",\"seq\":1,\"name\":\"quiet\"}"));
            received("muted", "done");
        } finally {
            mute("");
        }
        accepted(event("{\"type\":\"item.created\",\"connectionId\":\"muted\",\"seq\":2,\"name\":\"loud\"}"));

        Predicate<JsonNode> report = body -> body.path("type").asString("").equals("sync")
                && body.path("connectionId").asString("").equals("muted");
        app.awaitBody("/app", report);
        assertThat(record("muted", "wh-1").path("name").asString("")).isEqualTo("quiet");
        assertThat(app.bodies("/app").stream().filter(report)).hasSize(1);
    }

    private static void mute(String value) {
        var reply = server.raw().patch("/integrations/crm", "{\"custom\":{\"webhookSyncMuted\":\"" + value + "\"}}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    }

    @Test
    void a_changed_secret_is_used_for_the_next_webhook() throws Exception {
        var body = "{\"type\":\"call\",\"connectionId\":\"nobody\",\"id\":\"evt-2\"}";
        accepted(signed(body, hmac(body)));
        server.raw().patch("/integrations/signed", "{\"custom\":{\"webhookSecret\":\"another\"}}");
        try {
            assertThat(signed(body, hmac(body)).status()).isEqualTo(401);
        } finally {
            server.raw().patch("/integrations/signed", "{\"custom\":{\"webhookSecret\":\"s3cret\"}}");
        }
        accepted(signed(body, hmac(body)));
    }

    @Test
    void answers_are_those_of_the_contract() {
        var bad = send("/webhook/zzz/crm", "application/json", "{}");
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.json()).isEqualTo(RawClient.JSON.readTree("""
                {"error":{"code":"invalid_uri_params","errors":[
                  {"code":"invalid_format","message":"Invalid UUID","path":["environmentUuid"]}]}}"""));
        var unknown = send("/webhook/00000000-0000-4000-8000-000000000000/crm", "application/json", "{}");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.text()).isEqualTo("{\"error\":{\"code\":\"unknown_environment\"}}");
        var nobody = send("/webhook/" + environment + "/nope", "application/json", "{}");
        assertThat(nobody.status()).isEqualTo(404);
        assertThat(nobody.text()).isEqualTo("{\"error\":{\"code\":\"unknown_provider_config\"}}");
        var deaf = send("/webhook/" + environment + "/deaf", "application/json", "{}");
        assertThat(deaf.status()).isEqualTo(204);
        assertThat(deaf.text()).isEmpty();
        var form =
                send("/webhook/" + environment + "/crm", "application/x-www-form-urlencoded", "type=x&connectionId=c1");
        accepted(form);
        assertThat(form.headers().firstValue("x-ratelimit-limit")).contains("4000");
        assertThat(form.headers().firstValueAsLong("x-ratelimit-remaining")).isPresent();
        assertThat(form.headers().firstValueAsLong("x-ratelimit-reset")).isPresent();
        var empty = server.raw().send("POST", "/webhook/" + environment + "/crm", Map.of(), BodyPublishers.noBody());
        accepted(empty);
    }

    @Test
    void events_of_a_connection_run_one_after_the_other_in_their_order() {
        for (int i = 0; i < 20; i++) {
            accepted(event("{\"type\":\"call\",\"connectionId\":\"fifo\",\"seq\":\"f" + i + "\"}"));
        }

        await().atMost(WebhookReceiver.TIMEOUT).until(() -> calls("/end/f").size() == 20);
        var expected = IntStream.range(0, 20)
                .boxed()
                .flatMap(i -> List.of("/begin/f" + i, "/end/f" + i).stream())
                .toList();
        assertThat(calls("/begin/f", "/end/f")).isEqualTo(expected);
    }

    private static List<String> calls(String... prefixes) {
        return api.asked().stream()
                .map(ScriptedApi.Asked::path)
                .filter(path -> List.of(prefixes).stream().anyMatch(path::startsWith))
                .toList();
    }

    @Test
    void a_signed_webhook_is_stored_once_however_often_it_is_delivered() throws Exception {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        "signed",
                        "connection_id",
                        "repeat",
                        "credentials",
                        Map.of("type", "NONE")));
        var body = "{\"type\":\"call\",\"connectionId\":\"repeat\",\"id\":\"evt-1\"}";

        var forged = signed(body, "00".repeat(32));
        assertThat(forged.status()).isEqualTo(401);
        assertThat(forged.text()).isEqualTo("{\"error\":\"Invalid webhook signature\"}");
        for (int i = 0; i < 3; i++) {
            accepted(signed(body, hmac(body)));
        }

        assertThat(TestDatabase.rows(
                        server.databaseUrl(), "SELECT state FROM inbound_event WHERE provider_event_id = 'evt-1'"))
                .containsExactly("unsubscribed");
        accepted(event("{\"last\":1}"));
        app.awaitBody("/app", told -> told.path("last").asInt(0) == 1);
        assertThat(TestDatabase.rows(
                        server.databaseUrl(),
                        "SELECT type FROM webhook_event WHERE integration = 'signed' AND type = 'forward'"))
                .hasSize(1);
    }

    private static Reply signed(String body, String signature) {
        return server.raw()
                .send(
                        "POST",
                        "/webhook/" + environment + "/signed",
                        Map.of("Content-Type", "application/json", "X-Signature", signature),
                        BodyPublishers.ofString(body));
    }

    private static String hmac(String body) throws Exception {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("s3cret".getBytes(UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8)));
    }

    @Test
    void what_failed_can_be_seen_and_executed_again() {
        accepted(event("{\"type\":\"item.created\",\"connectionId\":\"replay\",\"seq\":1,\"fail\":true}"));

        var failed = details(received("replay", "failed"));
        assertThat(failed.at("/runs/0/sync").asString()).isEqualTo("items");
        assertThat(failed.at("/runs/0/state").asString()).isEqualTo("failed");
        assertThat(failed.at("/body/fail").asBoolean()).isTrue();
        assertThat(failed.at("/headers/content-type").asString()).isEqualTo("application/json");
        var told = app.awaitBody(
                "/app",
                body -> body.path("connectionId").asString("").equals("replay")
                        && body.path("type").asString("").equals("sync"));
        assertThat(told.path("success").asBoolean()).isFalse();
        assertThat(told.path("error").propertyNames()).containsExactlyInAnyOrder("type", "description");

        var reply = server.raw().post("/webhooks/received/" + failed.path("id").asString() + "/replay", "{}");

        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        var again = await().atMost(WebhookReceiver.TIMEOUT)
                .until(
                        () -> details(failed),
                        found -> !found.path("state").asString().equals("waiting"));
        assertThat(again.at("/runs/0/log_id").asString())
                .isNotEqualTo(failed.at("/runs/0/log_id").asString());
    }

    @Test
    void received_webhooks_are_listed_by_pages_and_filters() {
        for (int i = 0; i < 5; i++) {
            accepted(event("{\"type\":\"unwanted\",\"connectionId\":\"list\",\"seq\":" + i + "}"));
        }

        var found = new ArrayList<String>();
        var cursor = "";
        do {
            var page = server.raw()
                    .get("/webhooks/received?connection_id=list&provider_config_key=crm&limit=2" + cursor)
                    .json();
            page.path("data").forEach(item -> found.add(item.path("id").asString()));
            assertThat(page.path("data").valueStream())
                    .allMatch(item -> item.path("state").asString().equals("unsubscribed"))
                    .allMatch(item -> item.at("/connection_ids/0").asString().equals("list"));
            cursor = page.path("next_cursor").isNull()
                    ? ""
                    : "&cursor=" + page.path("next_cursor").asString();
        } while (!cursor.isEmpty());
        assertThat(found).hasSize(5).doesNotHaveDuplicates();
        assertThat(server.raw()
                        .get("/webhooks/received?connection_id=list&from=2999-01-01T00:00:00Z")
                        .json()
                        .path("data"))
                .isEmpty();
        assertThat(server.raw().get("/webhooks/received?state=lost").status()).isEqualTo(400);
        assertThat(server.raw().get("/webhooks/received/" + environment).status())
                .isEqualTo(404);
    }

    @Test
    void a_function_has_a_checkpoint_of_its_own() {
        accepted(event("{\"type\":\"any\",\"connectionId\":\"c2\"}"));

        received("c2", "done");
        assertThat(TestDatabase.rows(server.databaseUrl(), "SELECT key FROM checkpoint WHERE key LIKE '%everything%'"))
                .containsExactly("webhook:everything:base");
    }

    @Test
    void nothing_is_forwarded_when_the_integration_does_not_want_it() {
        accepted(send("/webhook/" + environment + "/mute", "application/json", "{\"mute\":1}"));
        accepted(event("{\"after\":1}"));

        app.awaitBody("/app", body -> body.path("after").asInt(0) == 1);
        assertThat(app.bodies("/app")).noneMatch(body -> body.has("mute"));
    }

    @Test
    void no_event_of_many_senders_is_lost() throws Exception {
        int senders = 20;
        int each = 15;
        var sent = new AtomicInteger();
        var senderResults = new ArrayList<Future<?>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int s = 0; s < senders; s++) {
                senderResults.add(threads.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        int seq = sent.incrementAndGet();
                        accepted(event("{\"type\":\"item.created\",\"connectionId\":\"many\",\"seq\":" + seq + "}"));
                    }
                }));
            }
            for (var result : senderResults) {
                result.get();
            }
        }

        await().atMost(WebhookReceiver.TIMEOUT.multipliedBy(2))
                .until(() -> TestDatabase.rows(server.databaseUrl(), """
                                SELECT r.id
                                  FROM inbound_run r JOIN connection c ON c.id = r.connection_id
                                 WHERE c.connection_id = 'many' AND r.state = 'done'
                                """).size() == senders * each);
        var ids = server.raw()
                .get("/records?model=Item&limit=1000", Map.of("Provider-Config-Key", "crm", "Connection-Id", "many"))
                .json()
                .path("records");
        assertThat(ids).hasSize(senders * each);
    }
}
