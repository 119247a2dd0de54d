package dev.millrace.server;

import static dev.millrace.server.testkit.DeployedFunctions.FUNCTIONS;
import static dev.millrace.server.testkit.DeployedFunctions.action;
import static dev.millrace.server.testkit.DeployedFunctions.sync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.DeployedFunctions;
import dev.millrace.server.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Versions of functions are kept, and any of them can be put in service again. */
class FunctionVersionsTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static DeployedFunctions functions;

    @BeforeAll
    static void prepare() {
        functions = new DeployedFunctions(server);
    }

    /** Deploys one function beside the others; answers its version. */
    private static String deploy(Map<String, Object> function) {
        var reply = functions.deploy("repo", "single", function);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().at("/0/version").asString();
    }

    private static List<String> texts(List<JsonNode> versions, String... names) {
        return versions.stream()
                .map(v -> String.join(
                        " ",
                        java.util.Arrays.stream(names)
                                .map(n -> v.path(n).asString())
                                .toList()))
                .toList();
    }

    @Test
    void a_changed_upload_is_a_version_and_the_same_upload_is_none() {
        assertThat(deploy(action("counted", "a"))).isEqualTo("1");
        assertThat(deploy(action("counted", "a"))).isEqualTo("1");
        assertThat(deploy(action("counted", "b"))).isEqualTo("2");
        var described = action("counted", "b");
        described.put("metadata", Map.of("description", "other words"));
        assertThat(deploy(described)).isEqualTo("2");
        var named = action("counted", "b");
        named.put("version", "7.1.9");
        assertThat(deploy(named)).isEqualTo("7.1.9");
        assertThat(deploy(action("counted", "c"))).isEqualTo("7.1.10");

        var versions = functions.versions("counted");

        assertThat(texts(versions, "version", "active"))
                .containsExactly("7.1.10 true", "7.1.9 false", "2 false", "2 false", "1 false");
        assertThat(versions.getFirst().propertyNames())
                .containsExactly(
                        "id",
                        "version",
                        "name",
                        "type",
                        "active",
                        "source",
                        "created_at",
                        "created_by",
                        "deployed_at",
                        "deployed_by");
        assertThat(versions.getFirst().path("created_by").asString()).isNotEmpty();
    }

    @Test
    void a_rollback_puts_the_version_before_in_service_and_a_second_one_takes_it_back() {
        deploy(action("undone", "good"));
        deploy(action("undone", "bad"));
        assertThat(functions.run("undone")).isEqualTo("bad");

        var reply = functions.rollback("undone", "{}");

        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        assertThat(reply.json().at("/data/version").asString()).isEqualTo("1");
        assertThat(reply.json().at("/data/active").asBoolean()).isTrue();
        assertThat(functions.run("undone")).isEqualTo("good");
        assertThat(server.raw()
                        .get(FUNCTIONS + "/undone")
                        .json()
                        .at("/data/description")
                        .asString())
                .isEqualTo("Says good");
        assertThat(functions.rollback("undone", "{}").status()).isEqualTo(200);
        assertThat(functions.run("undone")).isEqualTo("bad");
        assertThat(functions.versions("undone")).hasSize(2);
    }

    @Test
    void any_kept_version_can_be_looked_at_and_chosen() {
        for (var text : List.of("a", "b", "c")) {
            deploy(action("chosen", text));
        }
        var first = functions.versions("chosen").getLast().path("id").asString();

        var shown =
                server.raw().get(FUNCTIONS + "/chosen/versions/" + first).json().path("data");
        assertThat(shown.path("code").asString()).isEqualTo("// source of async () => \"a\"");
        for (int i = 0; i < 2; i++) {
            assertThat(functions.rollback("chosen", "{\"id\":" + first + "}").status())
                    .isEqualTo(200);
            assertThat(functions.run("chosen")).isEqualTo("a");
        }
        // The next version counts from the one in service.
        assertThat(deploy(action("chosen", "d"))).isEqualTo("2");
    }

    @Test
    void what_cannot_be_rolled_back_is_refused() {
        deploy(action("single", "a"));
        deploy(sync("twice", "every hour", "Item"));
        deploy(action("twice", "a"));

        assertThat(functions.rollback("single", "{}").code()).isEqualTo("not_found");
        assertThat(functions
                        .rollback("single", "{\"id\":999999}")
                        .json()
                        .at("/error/message")
                        .asString())
                .startsWith("No version 999999 of single is kept.");
        assertThat(functions.rollback("single", "{\"version\":\"1\"}").code()).isEqualTo("invalid_body");
        assertThat(functions.rollback("nobody", "{}").code()).isEqualTo("not_found");
        assertThat(functions.rollback("twice", "{}").code()).isEqualTo("ambiguous_function");
        assertThat(server.raw().get(FUNCTIONS + "/nobody/versions").status()).isEqualTo(404);
        assertThat(server.raw().get(FUNCTIONS + "/single/versions/x").status()).isEqualTo(404);
    }

    @Test
    void syncs_follow_a_rollback_as_they_follow_a_deploy() {
        deploy(sync("timed", "every hour", "Item"));
        assertThat(functions.syncStatus("timed").path("frequency").asString()).isEqualTo("every hour");
        deploy(sync("timed", "every 2 days", "Other"));
        assertThat(functions.syncStatus("timed").path("frequency").asString()).isEqualTo("every 2 days");
        assertThat(functions.texts("SELECT interval_ms::text FROM sync WHERE name = 'timed'"))
                .containsExactly("172800000");

        assertThat(functions.rollback("timed", "{}").status()).isEqualTo(200);

        assertThat(functions.syncStatus("timed").path("frequency").asString()).isEqualTo("every hour");
        assertThat(functions.texts("SELECT interval_ms::text FROM sync WHERE name = 'timed'"))
                .containsExactly("3600000");
        var models = server.raw().get(FUNCTIONS + "/timed").json().at("/data/returns");
        assertThat(models.toString()).isEqualTo("[\"Item\"]");
    }

    @Test
    void a_function_that_was_removed_comes_back_with_its_syncs() {
        assertThat(functions
                        .deploy("standalone", "single", sync("removed", "every hour", "Item"))
                        .status())
                .isEqualTo(200);
        assertThat(server.raw()
                        .send("DELETE", FUNCTIONS + "/removed?type=sync", "")
                        .status())
                .isEqualTo(200);
        assertThat(functions.syncStatus("removed").isMissingNode()).isTrue();

        assertThat(functions.rollback("removed", "{}").status()).isEqualTo(200);

        assertThat(functions.syncStatus("removed").path("status").asString()).isEqualTo("PAUSED");
    }

    @Test
    void only_so_many_versions_are_kept_and_their_code_with_them() {
        var other = TestServer.start();
        try (other) {
            var few = new DeployedFunctions(other);
            other.client().changeSettings(Map.of("function_versions", 3));

            for (int i = 1; i <= 6; i++) {
                assertThat(few.deploy(action("many", "text " + i)).status()).isEqualTo(200);
            }
            few.run("many");

            assertThat(texts(few.versions("many"), "version")).containsExactly("6", "5", "4");
            assertThat(few.texts("SELECT count(*)::text FROM function_code")).containsExactly("3");
            // The same code under two names is stored once; the code of a deleted integration goes.
            assertThat(few.deploy(action("many", "text 6"), action("more", "text 6"))
                            .status())
                    .isEqualTo(200);
            assertThat(few.texts("SELECT count(*)::text FROM function_code")).containsExactly("3");
            assertThat(other.raw().send("DELETE", "/integrations/crm", "").status())
                    .isEqualTo(200);
            assertThat(few.texts("SELECT count(*)::text FROM function_code")).containsExactly("0");
        }
    }

    @Test
    void deploys_and_rollbacks_at_the_same_time_take_turns() throws Exception {
        deploy(action("turns", "0"));
        deploy(action("turns", "1"));

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var replies = IntStream.range(0, 24)
                    .mapToObj(i -> threads.submit(() -> i % 3 == 0
                            ? functions.deploy("repo", "single", action("turns", "text " + i))
                            : functions.rollback("turns", "{}")))
                    .toList();
            for (int i = 0; i < replies.size(); i++) {
                var reply = replies.get(i).get();
                // A rollback waits for its turn; a deploy says that there is another one, as the contract wants it.
                assertThat(reply.status()).as(reply.toString()).isIn(i % 3 == 0 ? List.of(200, 409) : List.of(200));
            }
        }

        assertThat(functions.versions("turns").stream()
                        .filter(v -> v.path("active").asBoolean()))
                .hasSize(1);
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(functions.run("turns"))
                        .isEqualTo(server.raw()
                                .get(FUNCTIONS + "/turns")
                                .json()
                                .at("/data/description")
                                .asString()
                                .substring("Says ".length())));
    }
}
