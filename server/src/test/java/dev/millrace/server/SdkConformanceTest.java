package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.SdkApi;
import dev.millrace.server.testkit.SdkProject;
import dev.millrace.server.testkit.TestEncryption;
import dev.millrace.server.testkit.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every method of the {@code nango} object and everything else a function sees, told by functions which ran on a real server
 * against a real API ({@code src/test/resources/sdk}). What a function tells holds one statement a key, and each becomes a
 * test; {@code expected} says what is right.
 */
@Tag("slow")
@Timeout(300)
class SdkConformanceTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final Map<String, String> CONNECTION = Map.of("Provider-Config-Key", "sdk", "Connection-Id", "c1");

    @RegisterExtension
    static final TestServer server = TestServer.with(List.of(SdkProject.providers()));

    private static SdkApi api;

    @BeforeAll
    static void deploy() {
        api = new SdkApi();
        SdkProject.deploy(server);
        setVariable("REGION", "eu");
        connect("sdk", Map.of("type", "API_KEY", "apiKey", "k-1"));
        connect("sdk-oauth", Map.of("type", "OAUTH2", "access_token", "at", "refresh_token", "rt"));
    }

    @AfterAll
    static void close() {
        api.close();
    }

    private static void connect(String integration, Map<String, ?> credentials) {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        integration,
                        "connection_id",
                        "c1",
                        "credentials",
                        credentials,
                        "connection_config",
                        Map.of("api", api.url()),
                        "metadata",
                        Map.of("lang", "en", "nested", Map.of("a", 1))));
    }

    /** There is no route that sets one. */
    private static void setVariable(String name, String value) {
        var sealed = HexFormat.of().formatHex(TestEncryption.of(server.data()).seal(value));
        try (var tables = new KeyTables(server.databaseUrl())) {
            tables.execute("""
                    INSERT INTO environment_variable (environment_id, name, value)
                    SELECT id, '%s', '\\x%s' FROM environment WHERE name = 'dev'
                    """.formatted(name, sealed));
        }
    }

    /** An action's output tells; or, with {@code answers}, each input has its answer. */
    @TestFactory
    Stream<DynamicNode> actions() {
        return SdkProject.expectations("expected").map(name -> {
            var expected = SdkProject.expected("expected", name, api);
            return dynamicContainer(
                    name, expected.has("output") ? statements(name, expected) : answers(name, expected));
        });
    }

    private static Stream<DynamicNode> statements(String action, JsonNode expected) {
        var reply = trigger(action, expected.path("input"));
        if (reply.status() != 200) {
            return Stream.of(
                    dynamicTest("ends well", () -> assertThat(reply.toString()).isEqualTo("200")));
        }
        return compared(reply.json(), expected.path("output"));
    }

    private static Stream<DynamicNode> answers(String action, JsonNode expected) {
        return expected.path("answers")
                .valueStream()
                .map(answer -> dynamicTest(answer.path("input").toString(), () -> {
                    var reply = trigger(action, answer.path("input"));

                    assertThat(reply.json()).isEqualTo(answer.path("body"));
                    assertThat(reply.status()).isEqualTo(answer.path("status").intValue());
                }));
    }

    /** A sync tells by records of the model {@code Told}. */
    @TestFactory
    Stream<DynamicNode> syncs() {
        return SdkProject.expectations("expected-syncs").map(name -> {
            command("trigger", name);
            await().atMost(LONGEST_WAIT).until(() -> ended(name));
            var told = RawClient.JSON.createObjectNode();
            server.raw()
                    .get("/records?model=Told&limit=1000", CONNECTION)
                    .json()
                    .path("records")
                    .forEach(record -> told.set(record.path("id").asString(""), record.path("value")));
            return dynamicContainer(
                    name,
                    Stream.concat(
                            Stream.of(dynamicTest(
                                    "ends well",
                                    () -> assertThat(status(name)
                                                    .path("latestExecutionStatus")
                                                    .asString(""))
                                            .isEqualTo("SUCCESS"))),
                            compared(told, SdkProject.expected("expected-syncs", name, api))));
        });
    }

    @Test
    void the_second_run_of_a_sync_knows_when_the_first_began() {
        var before = Instant.now();
        command("trigger", "dated");
        await().atMost(LONGEST_WAIT).until(() -> dates().size() == 1 && ended("dated"));
        command("trigger", "dated");
        await().atMost(LONGEST_WAIT).until(() -> dates().size() == 2);

        assertThat(dates().getFirst()).isEqualTo("nothing");
        assertThat(Instant.parse(dates().getLast())).isBetween(before, Instant.now());
    }

    private static boolean ended(String sync) {
        return !status(sync).path("latestExecutionStatus").asString("RUNNING").equals("RUNNING");
    }

    private static List<String> dates() {
        return server.raw()
                .get("/records?model=Dated", CONNECTION)
                .json()
                .path("records")
                .valueStream()
                .map(record -> record.path("is").asString(""))
                .toList();
    }

    /** An on-event function tells by the metadata of its connection. */
    @TestFactory
    Stream<DynamicNode> events() {
        return SdkProject.expectations("expected-events").map(name -> {
            var told = await().atMost(LONGEST_WAIT)
                    .until(
                            () -> server.raw()
                                    .get("/connections/c1?provider_config_key=sdk-oauth")
                                    .json()
                                    .at("/metadata/told"),
                            JsonNode::isObject);
            return dynamicContainer(name, compared(told, SdkProject.expected("expected-events", name, api)));
        });
    }

    private static Stream<DynamicNode> compared(JsonNode told, JsonNode expected) {
        var whole = dynamicTest(
                "tells what is expected, no more and no less",
                () -> assertThat(told.propertyNames()).containsExactlyInAnyOrderElementsOf(expected.propertyNames()));
        return Stream.concat(
                Stream.of(whole),
                ((ObjectNode) expected)
                        .properties().stream()
                                .map(statement -> dynamicTest(
                                        statement.getKey(),
                                        () -> assertThat(told.path(statement.getKey()))
                                                .isEqualTo(statement.getValue()))));
    }

    private static RawClient.Reply trigger(String action, JsonNode input) {
        var body = RawClient.JSON.createObjectNode().put("action_name", action);
        if (!input.isMissingNode()) {
            body.set("input", input);
        }
        return server.raw()
                .send(
                        "POST",
                        "/action/trigger",
                        Map.of("Content-Type", "application/json", "Provider-Config-Key", "sdk", "Connection-Id", "c1"),
                        BodyPublishers.ofString(body.toString()));
    }

    private static void command(String command, String sync) {
        var reply = server.raw().post("/sync/" + command, """
                        {"syncs": ["%s"], "provider_config_key": "sdk", "connection_id": "c1"}
                        """.formatted(sync));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    private static JsonNode status(String sync) {
        var reply = server.raw().get("/sync/status?syncs=" + sync + "&provider_config_key=sdk&connection_id=c1");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().path("syncs").path(0);
    }
}
