package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.http.RandomText;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Storable;
import dev.millrace.server.testkit.DeployedFunctions;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Whatever text functions and providers come up with is stored, or the function is told why it is not. */
@Tag("slow")
@Timeout(300)
class UnstorableFunctionTest {
    private static final int ROUNDS = 60;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static volatile byte[] answer = {};
    private static final MockApi api = new MockApi((path, _) -> path.equals("/say")
            ? Optional.of(new Response.Bytes(500, Map.of("Content-Type", List.of("application/json")), answer))
            : Optional.empty());

    private static DeployedFunctions functions;

    private final RandomText texts = new RandomText(new Random(13));

    @BeforeAll
    static void deploy() {
        functions = new DeployedFunctions(server);
        Scripts.on(server.client()).action("says", """
                        const { text, base } = input;
                        const told = { text };
                        const attempt = async (name, call) => {
                          try { await call(); told[name] = 'done'; }
                          catch (error) { told[name] = error.message + ' ' + JSON.stringify(error.response?.data ?? null); }
                        };
                        await attempt('log', () => nango.log('said ' + text, { [text]: text }, { level: 'error' }));
                        await attempt('checkpoint', () => nango.saveCheckpoint({ [text]: text }));
                        await attempt('checkpointValue', () => nango.saveCheckpoint({ k: text }));
                        await attempt('lock', () => nango.tryAcquireLock({ key: text, ttlMs: 1000 }));
                        await attempt('metadata', () => nango.updateMetadata({ [text]: [text] }));
                        await attempt('action', () => nango.triggerAction('crm', text, 'says', 1));
                        await attempt('connection', () => nango.getConnection('crm', text));
                        await attempt('sync', () => nango.triggerSync('crm', text, 'saves'));
                        await attempt('provider', () => nango.get({ endpoint: '/say', baseUrlOverride: base }));
                        await attempt('header', () => nango.get({ endpoint: '/echo', baseUrlOverride: base, headers: { 'x-t': text } }));
                        await attempt('query', () => nango.get({ endpoint: '/echo', baseUrlOverride: base, params: { t: text } }));
                        if (input.fails) throw new nango.ActionError({ message: text, [text]: text });
                        return told;
                        """).sync("saves", """
                        const units = [0, 1, 34, 92, 97, 0xfeff, 0xfffe, 0xffff, 0xd800, 0xd83d, 0xdbff, 0xdc00, 0xde00, 0xdfff];
                        let state = 5;
                        const next = (below) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % 65537 % below;
                        const text = () => String.fromCharCode(...Array.from({ length: 1 + next(6) }, () => units[next(units.length)]));
                        const told = [];
                        for (let i = 0; i < 200; i++) {
                          const [id, key, value] = [text(), text(), text()];
                          for (const [name, record] of Object.entries({ id: { id }, key: { id: 'key' + i, [key]: 1 }, value: { id: 'value' + i, value } })) {
                            try { await nango.batchSave([record], 'Item'); told.push({ id: 'told-' + name + i, ...record, outcome: 'saved' }); }
                            catch (error) { told.push({ outcome: name + ': ' + error.message }); }
                          }
                        }
                        await nango.batchSave(told.map(({ outcome }, i) => ({ id: 'outcome-' + i, outcome })), 'Item');
                        """).deploy();
        // Now it has its syncs.
        ProbeAction.connect(server.client(), "c1");
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static RawClient.Reply says(String text, boolean fails) {
        return ProbeAction.call(
                server.raw(),
                "c1",
                "{\"action_name\":\"says\",\"input\":{\"text\":" + RandomText.ascii(text) + ",\"base\":\"" + api.url()
                        + "\",\"fails\":" + fails + "}}");
    }

    private static JsonNode get(String path) {
        var reply = server.raw().get(path);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json();
    }

    private static JsonNode newest(String query) {
        return get("/logs/operations?limit=1&" + query).at("/data/0");
    }

    private static List<JsonNode> lines(JsonNode operation) {
        return get("/logs/operations/" + operation.path("id").asString() + "/lines?limit=1000")
                .path("data")
                .valueStream()
                .toList();
    }

    private static void everythingHasEnded() {
        get("/logs/operations");
        assertThat(functions.texts("SELECT kind FROM operation WHERE status = 'running'"))
                .isEmpty();
        assertThat(functions.texts("SELECT kind FROM run WHERE status = 'RUNNING'"))
                .isEmpty();
    }

    @Test
    void what_an_action_says_is_stored_or_refused_with_a_reason() {
        for (int i = 0; i < ROUNDS; i++) {
            var text = texts.next();
            boolean storable = Storable.fault(text).isEmpty();
            answer = ("{\"message\":" + RandomText.ascii(text) + "}").getBytes(StandardCharsets.UTF_8);

            var reply = says(text, false);

            assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
            var told = reply.json();
            assertThat(told.path("text").asString()).isEqualTo(text);
            assertThat(told.toString())
                    .doesNotContainIgnoringCase("internal error")
                    .doesNotContain("server_error");
            assertThat(told.path("log").asString()).isEqualTo("done");
            for (var name : List.of("checkpoint", "checkpointValue", "lock", "metadata")) {
                if (storable) {
                    assertThat(told.path(name).asString()).as(name).isEqualTo("done");
                } else {
                    assertThat(told.path(name).asString()).as(name).contains("cannot be stored");
                }
            }
            var said = "said " + Storable.text(text);
            assertThat(lines(newest("function=says&kind=action")))
                    .anySatisfy(
                            line -> assertThat(line.path("message").asString()).isEqualTo(said));
        }
        everythingHasEnded();
    }

    @Test
    void how_it_fails_is_told_and_stored() {
        for (int i = 0; i < ROUNDS / 2; i++) {
            var text = texts.next();

            var reply = says(text, true);

            assertThat(reply.status()).as(reply.toString()).isEqualTo(500);
            assertThat(reply.code()).isEqualTo("action_script_runtime_error");
            // With half of a pair in a name the whole is mended.
            assertThat(reply.json().at("/error/payload/message").asString()).isIn(text, Storable.text(text));
            var stored = newest("function=says&kind=action&status=failed").at("/error/payload");
            assertThat(stored.path("message").asString()).isEqualTo(Storable.text(text));
        }
        everythingHasEnded();
    }

    @Test
    void failed_answers_of_providers_are_kept_in_the_log() {
        var headers = Map.of("Provider-Config-Key", "crm", "Connection-Id", "c1", "Base-Url-Override", api.url());
        for (int i = 0; i < ROUNDS; i++) {
            var text = texts.next();
            var json = "{\"message\":" + RandomText.ascii(text) + "}";
            // Every second one is no JSON, but has a NUL and bytes that are no text.
            answer = i % 2 == 0
                    ? json.getBytes(StandardCharsets.UTF_8)
                    : (text + "\0\u00ff").getBytes(StandardCharsets.UTF_16BE);

            var reply = server.raw().send("GET", "/proxy/say?t=%00", headers, BodyPublishers.noBody());

            assertThat(reply.status()).as(reply.toString()).isEqualTo(500);
            var operation = newest("kind=proxy");
            assertThat(operation.path("status").asString()).isEqualTo("failed");
            assertThat(lines(operation)).isNotEmpty();
        }
        everythingHasEnded();
    }

    @Test
    void records_keep_every_text_but_in_their_ids() {
        var triggered = server.raw()
                .post(
                        "/sync/trigger",
                        "{\"syncs\":[\"saves\"],\"provider_config_key\":\"crm\",\"connection_id\":\"c1\"}");
        assertThat(triggered.status()).as(triggered.toString()).isEqualTo(200);
        await().atMost(LONGEST_WAIT)
                .until(() -> List.of("SUCCESS", "STOPPED")
                        .contains(functions
                                .syncStatus("saves")
                                .path("latestExecutionStatus")
                                .asString("")));
        assertThat(newest("function=saves").path("error").toString()).isEqualTo("null");

        var records = server.raw()
                .get("/records?model=Item&limit=10000", Map.of("Provider-Config-Key", "crm", "Connection-Id", "c1"))
                .json()
                .path("records");
        var outcomes = records.valueStream()
                .map(record -> record.path("outcome").asString(""))
                .filter(outcome -> !outcome.isEmpty())
                .toList();
        assertThat(outcomes)
                .hasSize(600)
                .contains("saved")
                .allSatisfy(outcome -> assertThat(outcome)
                        .matches("saved"
                                + "|id: Failed to save records: The record at index 0 has (an empty id|an id that is not valid Unicode).*"
                                + "|key: Failed to save records: .*not valid.*"));
        everythingHasEnded();
    }
}
