package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.MillraceClient;
import dev.millrace.client.MillraceException;
import dev.millrace.server.Server;
import dev.millrace.server.config.Config;
import dev.millrace.server.function.js.PinnedNode;
import dev.millrace.server.function.js.RuntimeConfig;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.outbound.OutboundConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands that manage a running server: environments, API keys, variables. */
@Tag("slow")
@Timeout(300)
class ManagementCommandsTest {
    private static final Path RUNTIME = Path.of("../runtime").toAbsolutePath().normalize();

    @TempDir
    static Path folder;

    private static Server server;

    private record Told(int status, String out, String err) {}

    @BeforeAll
    static void start() {
        // The account that PostgreSQL runs as must get through.
        folder.toFile().setExecutable(true, false);
        server = new Server(new Config(
                new HttpConfig("127.0.0.1", 0, HttpConfig.DEFAULT_BODY_LIMIT, Duration.ofSeconds(5)),
                folder,
                Optional.empty(),
                List.of(),
                OutboundConfig.direct(true),
                RuntimeConfig.of(PinnedNode.in(RUNTIME).orElseThrow(), RUNTIME),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty()));
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Told run(String... arguments) {
        return run(Map.of("MILLRACE_DATA", folder.toString(), "MILLRACE_URL", server.url()), arguments);
    }

    private static Told run(Map<String, String> environment, String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int status = Main.commandLine(environment)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Told(status, out.toString(), err.toString());
    }

    private static String good(String... arguments) {
        var told = run(arguments);
        assertThat(told.status()).as(told.err()).isZero();
        return told.out();
    }

    @Test
    void a_key_of_an_environment_works_until_it_is_deleted() {
        assertThat(good("env", "create", "staging")).contains("staging");
        assertThat(good("env", "list")).contains("dev", "prod", "(production)", "staging");

        var secret = good("keys", "api", "create", "staging", "ci", "--scope", "environment:variables:*")
                .strip();
        assertThat(good("keys", "api", "show", "staging", "ci").strip()).isEqualTo(secret);
        assertThat(good("keys", "api", "list", "staging"))
                .contains("ci", "environment:variables:*")
                .doesNotContain(secret);
        try (var client = MillraceClient.of(URI.create(server.url()), secret)) {
            assertThat(client.changeVariables(Map.of("A", Optional.of("1")))).containsEntry("A", "1");
            Assertions.assertThatExceptionOfType(MillraceException.class).isThrownBy(client::connections);
        }
        good("keys", "api", "delete", "staging", "ci");
        assertThat(good("keys", "api", "list", "staging")).isBlank();
        good("env", "delete", "staging", "--yes");
        assertThat(good("env", "list")).doesNotContain("staging");
    }

    @Test
    void variables_are_set_listed_and_removed() {
        assertThat(good("variables", "set", "REGION=eu", "EMPTY=", "TEXT=a=b"))
                .contains("REGION", "EMPTY", "TEXT")
                .doesNotContain("a=b");
        assertThat(good("variables", "list").lines()).containsExactly("EMPTY=", "REGION=eu", "TEXT=a=b");
        good("variables", "unset", "EMPTY", "TEXT");
        assertThat(good("variables", "list").lines()).containsExactly("REGION=eu");
        assertThat(good("variables", "list", "--json").strip()).isEqualToIgnoringWhitespace("{\"REGION\":\"eu\"}");
    }

    @Test
    void errors_are_one_line() {
        for (var arguments : List.of(
                List.of("env"),
                List.of("keys", "api"),
                List.of("variables"),
                List.of("env", "create", "Big"),
                List.of("env", "delete", "dev"),
                List.of("env", "delete", "prod", "--yes"),
                List.of("env", "delete", "nowhere", "--yes"),
                List.of("keys", "api", "show", "dev", "none"),
                List.of("keys", "api", "create", "dev", "x", "--scope", "everything"),
                List.of("variables", "set", "novalue"),
                List.of("env", "list", "--url", "somewhere"),
                List.of("env", "list", "--url", "http:///"),
                List.of("env", "list", "--url", "http://127.0.0.1:9"))) {
            var told = run(arguments.toArray(String[]::new));

            assertThat(told.status()).as(arguments.toString()).isPositive();
            assertThat(told.err()).as(arguments.toString()).isNotBlank().doesNotContain("\tat ");
        }
        var without = run(Map.of("MILLRACE_DATA", folder.resolve("none").toString()), "env", "list");
        assertThat(without.err()).contains("MILLRACE_ACCOUNT_KEY").doesNotContain("\tat ");
    }
}
