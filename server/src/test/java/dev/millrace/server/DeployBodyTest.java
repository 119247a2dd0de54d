package dev.millrace.server;

import static dev.millrace.server.testkit.DeployedFunctions.action;
import static dev.millrace.server.testkit.DeployedFunctions.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.DeployedFunctions;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the body of a deploy may hold. */
class DeployBodyTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static DeployedFunctions functions;

    @BeforeAll
    static void prepare() {
        functions = new DeployedFunctions(server);
    }

    private static RawClient.Reply deploy(String key, Object value) {
        var function = sync("items", "every hour", "Item");
        function.put(key, value);
        return functions.deploy(function);
    }

    private static void assertRefused(RawClient.Reply reply, String path) {
        assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid_body");
        assertThat(reply.json().at("/error/errors/0/path").valueStream().map(n -> n.asString()))
                .containsExactly(("flowConfigs.0." + path).split("\\."));
    }

    @Test
    void a_description_has_at_most_2000_characters() {
        assertRefused(deploy("metadata", Map.of("description", "x".repeat(2001))), "metadata.description");
        assertRefused(deploy("metadata", Map.of("description", 1)), "metadata.description");
        assertRefused(deploy("metadata", Map.of("scopes", List.of(1))), "metadata.scopes.0");
        assertRefused(deploy("metadata", "text"), "metadata");
        assertThat(deploy("metadata", Map.of("description", "x".repeat(2000))).status())
                .isEqualTo(200);
    }

    @Test
    void endpoints_are_a_method_and_a_path() {
        assertRefused(deploy("endpoints", List.of(Map.of("method", "FETCH", "path", "/a"))), "endpoints.0.method");
        assertRefused(deploy("endpoints", List.of(Map.of("method", "GET"))), "endpoints.0.path");
        assertRefused(
                deploy("endpoints", List.of(Map.of("method", "GET", "path", "/a", "group", "x".repeat(65)))),
                "endpoints.0.group");
        assertRefused(deploy("endpoints", List.of("GET /a")), "endpoints.0");
    }

    @Test
    void endpoints_of_the_older_form_become_the_newer_one() {
        assertThat(deploy("endpoints", List.of(Map.of("GET", "/older"))).status())
                .isEqualTo(200);

        var shown = server.raw().get("/scripts/config").json().at("/0/syncs/0/endpoints");
        assertThat(shown).isEqualTo(RawClient.JSON.readTree("[{\"method\":\"GET\",\"path\":\"/older\"}]"));
    }

    @ParameterizedTest
    @CsvSource({"every 29s", "every 5 seconds", "every 1ms"})
    void a_sync_runs_at_most_every_30_seconds(String runs) {
        var reply = functions.deploy(sync("items", runs, "Item"));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().path("error").toString())
                .isEqualTo("{\"message\":\"Sync interval is too short. The minimum interval is 30 seconds.\","
                        + "\"code\":\"sync_interval_too_short\",\"payload\":{}}");
    }

    @ParameterizedTest
    @CsvSource({
        "every hour",
        "every 30s",
        "30s",
        "every 6min",
        "every 3 weeks",
        "every 1.5 hours",
        "every half day",
        "every quarter hour",
        "every month",
        "every week",
        "hour",
        "every 45 minutes",
        "every minute",
        "1 d",
        "5minutes"
    })
    void a_frequency_is_what_either_grammar_understands(String runs) {
        assertThat(functions.deploy(sync("items", runs, "Item")).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"sometimes", "every", "every 2 parsecs", "every -5 minutes", "*/5 * * * *"})
    void other_frequencies_are_refused(String runs) {
        assertRefused(functions.deploy(sync("items", runs, "Item")), "runs");
    }

    @Test
    void names_are_plain_and_models_are_described() {
        var spaced = action("plain", "x");
        spaced.put("syncName", "not plain");
        assertRefused(functions.deploy(spaced), "syncName");

        var undescribed = sync("items", "every hour", "Item");
        undescribed.put("models", List.of("Item", "Missing"));
        assertThat(functions.deploy(undescribed).code()).isEqualTo("deploy_missing_json_schema_model");

        var mixed = sync("items", "every hour", "Item");
        mixed.put("track_deletes", true);
        mixed.put("sync_type", "incremental");
        assertRefused(functions.deploy(mixed), "track_deletes");
        assertThat(deploy("unknown", 1).json().at("/error/errors/0/code").asString())
                .isEqualTo("unrecognized_keys");
    }

    @Test
    void any_sensible_name_of_a_client_is_fine() {
        var agent = Map.of("Content-Type", "application/json", "User-Agent", "nango-cli/99999999999999.1.1 (x)");
        var reply = server.raw()
                .send("POST", "/sync/deploy", agent, java.net.http.HttpRequest.BodyPublishers.ofString("{}"));

        assertThat(reply.code()).isEqualTo("invalid_body");
    }
}
