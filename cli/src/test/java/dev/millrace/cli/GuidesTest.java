package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.crm.SampleCrm;
import dev.millrace.cli.demo.PlayedCustomer;
import dev.millrace.cli.demo.Stage;
import dev.millrace.cli.demo.Story;
import dev.millrace.server.Server;
import dev.millrace.server.config.Config;
import dev.millrace.server.function.js.PinnedNode;
import dev.millrace.server.function.js.RuntimeConfig;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.outbound.OutboundConfig;
import dev.millrace.server.provider.Providers;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every snippet of the README and of the guides, on a server on which the demo was played: commands run, JavaScript of the
 * README runs, other code compiles, definitions have no faults, JSON is JSON.
 */
@Tag("slow")
@Timeout(300)
class GuidesTest {
    private static final Path DOCUMENTATION = Path.of("../docs/guides");
    private static final Path README = Path.of("../README.md");
    private static final String CRM_KEY = "sample-key";
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");
    private static final Pattern COMMENT = Pattern.compile(" +#.*");
    private static final String VARIABLES =
            "export MILLRACE_URL=http://localhost:3003\nexport MILLRACE_KEY='the secret key'\n";
    private static final String CONNECTION = "export MILLRACE_CONNECTION='the id of the connection'\n";
    private static final Pattern DEMO_CONNECTION = Pattern.compile("(\\$|env\\.)MILLRACE_CONNECTION");
    private static final String MARK = "----8<---- block ";

    /** Output to look at, files of service managers, and configurations of proxies, which another test runs. */
    private static final List<String> NOT_RUN = List.of("text", "", "ini", "nginx", "caddyfile", "haproxy");

    @TempDir
    static Path folder;

    private static Server server;
    private static SampleCrm crm;
    private static Path runtime;
    private static String connection;

    private record Block(String language, String text) {}

    @BeforeAll
    static void play_the_demo() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        runtime = Path.of("../runtime").toAbsolutePath().normalize();
        crm = new SampleCrm(0, CRM_KEY, 200);
        server = new Server(new Config(
                new HttpConfig("127.0.0.1", 0, HttpConfig.DEFAULT_BODY_LIMIT, Duration.ofSeconds(5)),
                folder.resolve("data"),
                Optional.empty(),
                List.of(Path.of("../examples/providers")),
                OutboundConfig.direct(true),
                RuntimeConfig.of(node(), runtime),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty()));
        server.start();
        var stage = new Stage(
                url(),
                key(),
                crm.url(),
                CRM_KEY,
                node(),
                runtime,
                Path.of("../examples"),
                folder.resolve("requests"),
                new PlayedCustomer());
        var told = new StringWriter();
        Story.play(stage, new PrintWriter(told));
        connection = told.toString()
                .lines()
                .filter(line -> line.strip().startsWith("export MILLRACE_CONNECTION="))
                .map(line -> line.substring(line.indexOf('=') + 1))
                .findFirst()
                .orElseThrow();
        programs();
    }

    @AfterAll
    static void stop() {
        server.close();
        crm.close();
    }

    private static Path node() throws IOException {
        return PinnedNode.in(runtime).orElseThrow();
    }

    private static URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    private static String key() {
        return server.defaultKey().secret().orElseThrow();
    }

    /** Stand-ins for what installs, and for commands that would start another server. */
    private static void programs() throws IOException {
        var modules = Path.of("../clients/node_modules").toRealPath();
        var work = Files.createDirectories(folder.resolve("work"));
        var bin = Files.createDirectories(folder.resolve("bin"));
        program(bin.resolve("npm"), "ln -sfn '" + modules + "' node_modules");
        program(
                bin.resolve("npx"),
                "shift; exec '" + node() + "' '" + modules
                        + "/nango/dist/index.js' \"$@\" --no-telemetry --no-interactive");
        program(
                work.resolve("millrace"),
                "case $1 in up | demo | test | build) exit 0 ;; esac\nexec '"
                        + Path.of(System.getProperty("java.home"), "bin", "java") + "' -XX:TieredStopAtLevel=1 -cp '"
                        + System.getProperty("java.class.path") + "' " + Main.class.getName() + " \"$@\"");
        Files.createSymbolicLink(work.resolve("node_modules"), modules);
        copy(Path.of("../examples"), work.resolve("examples"));
        Files.createDirectories(work.resolve("providers"));
    }

    private static void program(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (var file : files.filter(path -> !path.toString().contains("node_modules"))
                    .toList()) {
                var target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    static Stream<Path> documents() throws IOException {
        try (var guides = Files.list(DOCUMENTATION)) {
            // Another test compares the storage guide's answers one by one.
            var others =
                    guides.filter(path -> !path.endsWith("storage.md")).sorted().toList();
            return Stream.concat(Stream.of(README), others.stream());
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void every_snippet_runs_as_documented(Path document) throws Exception {
        var text = Files.readString(document);
        var blocks = BLOCK.matcher(text)
                .results()
                .map(block -> new Block(block.group(1), block.group(2)))
                .toList();
        assertThat(text).doesNotContainPattern("(?m)^    (curl|npx|export|\\./millrace) ");
        if (text.contains("$MILLRACE_URL")) {
            var variables = VARIABLES + (DEMO_CONNECTION.matcher(text).find() ? CONNECTION : "");
            assertThat(blocks).contains(new Block("sh", variables));
        }

        runShell(blocks);
        for (var block : blocks) {
            switch (block.language()) {
                case "ts", "js" -> compile(block, document.equals(README));
                case "yaml" -> check(block.text());
                case "json" ->
                    assertThat(JsonMapper.shared().readTree(block.text())).isNotNull();
                case "sh" -> {}
                default -> assertThat(NOT_RUN).contains(block.language());
            }
        }
    }

    /** One shell for all, as later commands use the variables of earlier ones. */
    private static void runShell(List<Block> blocks) throws IOException, InterruptedException {
        var commands = blocks.stream()
                .filter(block -> block.language().equals("sh") && !block.text().startsWith(VARIABLES))
                .map(Block::text)
                .toList();
        commands.forEach(GuidesTest::parse);
        var script = new StringBuilder("set -e\n");
        for (int i = 0; i < commands.size(); i++) {
            script.append(commands.get(i))
                    .append("\necho\necho '")
                    .append(MARK)
                    .append(i)
                    .append("'\n");
        }
        var output = run(List.of("sh", "-c", script.toString()));
        for (var answer : Pattern.compile("(?m)^" + MARK + "\\d+\\n").split(output, -1)) {
            assertThat(answer.strip()).doesNotStartWith("{\"error\"");
        }
    }

    /** What would start a server must at least be understood. */
    private static void parse(String commands) {
        for (var line :
                commands.lines().filter(l -> l.startsWith("./millrace ")).toList()) {
            var words =
                    new ArrayList<>(List.of(COMMENT.matcher(line).replaceAll("").split(" ", -1)));
            words.removeFirst();
            if (!List.of("test", "build").contains(words.getFirst())) {
                Main.commandLine(Map.of()).parseArgs(words.toArray(String[]::new));
            }
        }
    }

    private static void compile(Block block, boolean runs) throws IOException, InterruptedException {
        var file = folder.resolve("work").resolve(runs ? "snippet.mjs" : "snippet." + block.language());
        Files.writeString(file, block.text());
        run(
                runs
                        ? List.of(node().toString(), file.toString())
                        : List.of(
                                runtime.resolve("node_modules/.bin/esbuild").toString(),
                                "--format=esm",
                                file.toString()));
    }

    private static void check(String definitions) throws IOException {
        var file = Files.writeString(folder.resolve("work/providers/guide.yaml"), definitions);
        var report = Providers.load(List.of(file)).check();

        assertThat(report.definitions()).isPositive();
        assertThat(report.faults()).isEmpty();
        assertThat(report.hints()).isEmpty();
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command)
                .directory(folder.resolve("work").toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().put("MILLRACE_URL", url().toString());
        builder.environment().put("MILLRACE_KEY", key());
        builder.environment().put("MILLRACE_CONNECTION", connection);
        builder.environment().put("MILLRACE_DATA", folder.resolve("data").toString());
        builder.environment().put("NANGO_CLI_UPGRADE_MODE", "ignore");
        builder.environment().put("PATH", folder.resolve("bin") + File.pathSeparator + System.getenv("PATH"));
        var process = builder.start();
        var output = process.inputReader().readAllAsString();
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
