package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.Server;
import dev.millrace.server.config.Config;
import dev.millrace.server.function.js.PinnedNode;
import dev.millrace.server.function.js.RuntimeConfig;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.outbound.OutboundConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands on keys, with a server and without. */
@Tag("slow")
@Timeout(300)
class KeysCommandTest {
    private static final Path RUNTIME = Path.of("../runtime").toAbsolutePath().normalize();
    private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    @TempDir
    Path folder;

    private record Told(int status, String out, String err) {}

    private Told run(Map<String, String> environment, String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int status = Main.commandLine(environment)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Told(status, out.toString(), err.toString());
    }

    private Server server() {
        // The account that PostgreSQL runs as must get through.
        folder.toFile().setExecutable(true, false);
        return new Server(new Config(
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
    }

    private List<String> ids() throws Exception {
        return Files.readAllLines(folder.resolve("encryption.key")).stream()
                .map(line -> line.substring(0, line.indexOf(':')))
                .toList();
    }

    @Test
    void a_running_server_takes_up_the_new_key_and_a_stopped_one_at_its_start() throws Exception {
        var data = Map.of("MILLRACE_DATA", folder.toString());
        try (var server = server()) {
            server.start();

            var rotated = run(data, "keys", "rotate");

            assertThat(rotated.status()).as(rotated.err()).isZero();
            assertThat(rotated.out())
                    .contains("Key 2 is first in the file " + folder.resolve("encryption.key"))
                    .contains("Key 2 is in use now.")
                    .contains("No longer needed, remove from the file at any time: key 1");
            assertThat(run(data, "keys", "status").out())
                    .contains("key 1 ", "no longer needed: take it out of the list")
                    .contains("key 2 ", "encrypts what is written");
        }
        assertThat(ids()).containsExactly("2", "1");

        var stopped = run(data, "keys", "rotate");

        assertThat(stopped.status()).as(stopped.err()).isZero();
        assertThat(stopped.out()).contains("The next start uses the key");
        assertThat(ids()).containsExactly("3", "2", "1");
        assertThat(run(data, "keys", "status").out()).contains("key 2 ").doesNotContain("key 3 ");
        try (var server = server()) {
            server.start();
            assertThat(run(data, "keys", "status").out()).contains("key 3 ");

            // This command needs the same database and no keys.
            var password = run(data, "dashboard", "password");
            assertThat(password.status()).as(password.err()).isZero();
            assertThat(password.out().strip()).matches("[a-z0-9]{4}(-[a-z0-9]{4}){4}");
            assertThat(run(data, "dashboard", "password").out()).isNotEqualTo(password.out());
        }
    }

    @Test
    void keys_from_the_environment_are_proposed_not_changed() {
        try (var server = server()) {
            server.start();

            var told = run(
                    Map.of("MILLRACE_DATA", folder.toString(), "MILLRACE_ENCRYPTION_KEYS", "7:" + KEY),
                    "keys",
                    "rotate");

            assertThat(told.status()).as(told.err()).isZero();
            assertThat(told.out()).contains("MILLRACE_ENCRYPTION_KEYS").containsPattern("(?m)^  8:[A-Za-z0-9+/]{43}=$");
        }
    }

    @Test
    void errors_have_no_stack_trace() {
        for (var arguments : List.of(
                List.of("keys", "status", "--data", folder.resolve("none").toString()),
                List.of("keys"),
                List.of("keys", "rotate", "--encryption-keys", "1:" + KEY + ",1:" + KEY),
                List.of("keys", "status", "--database-url", "mysql://x"))) {
            var told = run(Map.of(), arguments.toArray(String[]::new));

            assertThat(told.status()).as(arguments.toString()).isPositive();
            assertThat(told.err()).isNotBlank().doesNotContain("\tat ", KEY);
        }
        assertThat(Arrays.asList(folder.toFile().list())).isEmpty();
    }
}
