package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.crm.SampleCrm;
import dev.millrace.server.Server;
import dev.millrace.server.config.Config;
import dev.millrace.server.function.js.PinnedNode;
import dev.millrace.server.function.js.RuntimeConfig;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.outbound.OutboundConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The official npm clients and CLI, unchanged, against a real server and the sample CRM. */
@Tag("slow")
class OfficialClientsTest {
    private static final String CRM_KEY = "sample-key";
    private static final Path CLIENTS = Path.of("../clients");
    private static final Pattern PASSED = Pattern.compile("(?m)^# pass (\\d+)$");

    @TempDir
    static Path data;

    private static Server server;
    private static SampleCrm crm;
    private static FakeGithub github;
    private static FakeLogin login;

    @BeforeAll
    static void start() throws IOException {
        // The account that PostgreSQL runs as must get through.
        data.toFile().setExecutable(true, false);
        var runtime = Path.of("../runtime").toAbsolutePath().normalize();
        crm = new SampleCrm(0, CRM_KEY, 500);
        github = new FakeGithub();
        login = new FakeLogin();
        server = new Server(new Config(
                new HttpConfig("127.0.0.1", 0, HttpConfig.DEFAULT_BODY_LIMIT, Duration.ofSeconds(5)),
                data,
                Optional.empty(),
                List.of(github.definitions(data), login.definitions(data)),
                OutboundConfig.direct(true),
                RuntimeConfig.of(PinnedNode.in(runtime).orElseThrow(), runtime),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty()));
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
        crm.close();
        github.close();
        login.close();
    }

    @Test
    void the_node_client_runs_the_whole_scenario() throws Exception {
        assertThat(passed("story.test.mjs")).isGreaterThanOrEqualTo(21);
    }

    @Test
    void cli_compiles_deploys_and_dry_runs_the_examples() throws Exception {
        assertThat(passed("cli.test.mjs")).isGreaterThanOrEqualTo(9);
    }

    @Test
    void cli_compiles_deploys_pulls_and_dry_runs_its_own_example_project() throws Exception {
        assertThat(passed("init.test.mjs")).isGreaterThanOrEqualTo(7);
    }

    @Test
    void the_cli_deploys_functions_with_triggers_which_are_then_invoked() throws Exception {
        assertThat(passed("functions.test.mjs")).isGreaterThanOrEqualTo(5);
    }

    @Test
    void the_node_client_gets_the_documented_errors() throws Exception {
        assertThat(passed("errors.test.mjs")).isGreaterThanOrEqualTo(10);
    }

    @Test
    void the_node_client_calls_providers_by_every_method() throws Exception {
        assertThat(passed("proxy.test.mjs")).isGreaterThanOrEqualTo(7);
    }

    @Test
    void the_node_client_verifies_webhooks() throws Exception {
        assertThat(passed("webhooks.test.mjs")).isGreaterThanOrEqualTo(3);
    }

    @Test
    void the_frontend_client_connects_by_forms() throws Exception {
        assertThat(passed("connect.test.mjs")).isGreaterThanOrEqualTo(3);
    }

    @Test
    @EnabledIf("thereIsChromium")
    void customers_connect_in_a_browser() throws Exception {
        assertThat(passed("browser.test.mjs")).isGreaterThanOrEqualTo(6);
    }

    static boolean thereIsChromium() {
        return Files.isExecutable(Path.of("/usr/bin/chromium"));
    }

    /** Runs one file of tests; all of them pass, and so many did. */
    private static int passed(String file) throws IOException, InterruptedException {
        var command = new ProcessBuilder("node", "--test", "--test-reporter=tap", "test/" + file)
                .directory(CLIENTS.toFile())
                .redirectErrorStream(true);
        command.environment().put("MILLRACE_URL", "http://127.0.0.1:" + server.port());
        command.environment()
                .put("MILLRACE_SECRET_KEY", server.defaultKey().secret().orElseThrow());
        command.environment().put("SAMPLE_CRM_URL", crm.url().toString());
        command.environment().put("SAMPLE_CRM_KEY", CRM_KEY);
        var process = command.start();
        var output = process.inputReader().readAllAsString();
        assertThat(process.waitFor()).as(output).isZero();
        var summary = PASSED.matcher(output);
        assertThat(summary.find()).as(output).isTrue();
        return Integer.parseInt(summary.group(1));
    }
}
