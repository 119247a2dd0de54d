package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import dev.millrace.server.testkit.Vendor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Functions as people write them, each in a file of {@code functions/wild} that says in its head what becomes of it:
 * {@code expects} the output of an action, {@code fails} the failure of one, {@code records} what a sync leaves in a model.
 */
@Tag("slow")
class WildFunctionsTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final Path FOLDER = Path.of("src/test/resources/functions/wild");
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final MockApi api = new MockApi(new Vendor());

    private record Wild(String name, String code) {
        /** The JSON behind this word at the beginning of comment lines. */
        List<String> told(String word) {
            var start = "// " + word + ": ";
            return code.lines()
                    .filter(line -> line.startsWith(start))
                    .map(line -> line.substring(start.length()))
                    .toList();
        }

        Map<String, Object> function() {
            return told("records").isEmpty()
                    ? Deployment.action(name, code)
                    : Deployment.sync(name, List.of("Contact" + suffix(), "Company" + suffix()), named());
        }

        /** Each sync has models of its own. */
        private String suffix() {
            return name.replace("-", "");
        }

        private String named() {
            return code.replaceAll("'(Contact|Company)'", "'$1" + suffix() + "'");
        }
    }

    private static List<Wild> all() {
        try (var files = Files.list(FOLDER)) {
            var all = new ArrayList<Wild>();
            for (var file : files.sorted().toList()) {
                all.add(new Wild(file.getFileName().toString().replace(".cjs", ""), Files.readString(file)));
            }
            return all;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeAll
    static void deploy() {
        server.client()
                .createIntegration(Map.of(
                        "provider",
                        "private-api-key",
                        "unique_key",
                        "crm",
                        "integration_config",
                        Map.of("baseUrl", api.url(), "keyName", "X-Key")));
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        "crm",
                        "connection_id",
                        "wild",
                        "credentials",
                        Map.of("type", "API_KEY", "apiKey", "wild-key")));
        server.client()
                .deploy(Deployment.replacing(all().stream().map(Wild::function).toList()));
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @TestFactory
    Stream<DynamicTest> does_what_it_says() {
        return all().stream().map(wild -> DynamicTest.dynamicTest(wild.name(), () -> check(wild)));
    }

    private static void check(Wild wild) {
        assertThat(wild.told("expects").size()
                        + wild.told("fails").size()
                        + wild.told("records").size())
                .as("what becomes of it")
                .isPositive();
        if (!wild.told("records").isEmpty()) {
            sync(wild);
            return;
        }
        var reply = ProbeAction.call(server.raw(), "wild", "{\"action_name\":\"" + wild.name() + "\",\"input\":{}}");
        for (var expected : wild.told("expects")) {
            assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
            assertThat(pretty(reply.json())).isEqualTo(pretty(RawClient.JSON.readTree(expected)));
        }
        for (var expected : wild.told("fails")) {
            var failure = RawClient.JSON.readTree(expected);
            assertThat(reply.json().at("/error/code")).isEqualTo(failure.path("type"));
            assertThat(reply.json().at("/error/payload")).isEqualTo(failure.path("payload"));
        }
    }

    private static void sync(Wild wild) {
        var names = "{\"syncs\":[\"" + wild.name() + "\"],\"provider_config_key\":\"crm\",\"connection_id\":\"wild\"}";
        var trigger = server.raw().post("/sync/trigger", names);
        assertThat(trigger.status()).as(trigger.toString()).isEqualTo(200);
        var status = await().atMost(LONGEST_WAIT)
                .until(
                        () -> server.raw()
                                .get("/sync/status?syncs=" + wild.name()
                                        + "&provider_config_key=crm&connection_id=wild")
                                .json()
                                .at("/syncs/0"),
                        sync -> !sync.path("finishedAt").asString("").isEmpty());
        assertThat(status.path("latestExecutionStatus").asString())
                .as(status.toString())
                .isEqualTo("SUCCESS");
        for (var told : wild.told("records")) {
            int blank = told.indexOf(' ');
            var model = told.substring(0, blank) + wild.suffix();
            assertThat(pretty(records(model))).isEqualTo(pretty(RawClient.JSON.readTree(told.substring(blank))));
        }
    }

    private static JsonNode records(String model) {
        var headers = Map.of("Provider-Config-Key", "crm", "Connection-Id", "wild");
        var records = server.raw()
                .get("/records?filter=added,updated&model=" + model, headers)
                .json()
                .path("records");
        records.forEach(record -> ((ObjectNode) record).remove("_nango_metadata"));
        return records;
    }

    private static String pretty(JsonNode json) {
        return json.toPrettyString();
    }
}
