package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher script in a temporary copy of the installation. */
@Tag("slow")
@Timeout(900)
class LauncherTest {
    private static final String ODD_NAME = "Büro mit Leerzeichen";
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    @BeforeEach
    void allow_other_users() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void help_and_version_need_no_build() throws Exception {
        var launcher = new LauncherCopy(folder, "plain").with("JAVA_HOME", "/nowhere");
        launcher.maven("touch built-by-maven");

        var help = launcher.run("--help");
        var version = launcher.run("--version");

        var accepted = Files.readString(launcher.home().resolve("millrace"))
                .lines()
                .filter(line -> line.startsWith("  up | demo "))
                .findFirst()
                .orElseThrow();

        assertThat(help.status()).isZero();
        for (var command : Main.commandLine(java.util.Map.of()).getSubcommands().values()) {
            var spec = command.getCommandSpec();
            assertThat(help.output().contains("  " + spec.name() + " "))
                    .as(spec.name())
                    .isEqualTo(!spec.usageMessage().hidden());
            assertThat(accepted.split("[ |)]+")).contains(spec.name());
        }
        assertThat(version.status()).isZero();
        assertThat(version.output()).matches("Millrace \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\s+");
        assertThat(launcher.home().resolve("built-by-maven")).doesNotExist();
    }

    @Test
    void an_unknown_command_is_refused_without_a_build() throws Exception {
        var launcher = new LauncherCopy(folder, "plain");
        launcher.maven("touch built-by-maven");

        var result = launcher.run("upp");

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.output()).contains("Unknown command 'upp'").contains("--help");
        assertThat(launcher.home().resolve("built-by-maven")).doesNotExist();
    }

    @Test
    void tests_run_with_the_profile_fast_when_that_is_asked_for() throws Exception {
        var launcher = new LauncherCopy(folder, "plain");
        launcher.maven("echo \"maven: $*\"");

        assertThat(launcher.run("test").output()).contains("maven: -B -ntp verify\n");
        var fast = launcher.run("test", "--fast");
        var unknown = launcher.run("test", "--quick");

        assertThat(fast.status()).isZero();
        assertThat(fast.output())
                .contains("maven: -B -ntp verify -Pfast\n")
                .contains("Tests run: 0, Failures: 0, Errors: 0, Skipped: 0");
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.output()).contains("Unknown option '--quick'").doesNotContain("maven:");
    }

    @Test
    void after_an_interrupted_build_the_next_one_starts_afresh() throws Exception {
        var launcher = new LauncherCopy(folder, ODD_NAME);
        launcher.printingJava();
        var jar = launcher.home().resolve("server/target/server.jar");
        launcher.maven(
                "mkdir -p server/target cli/target && : >server/target/server.jar && echo $$ >maven.pid && sleep 600");

        try (var build = launcher.start("build")) {
            await().atMost(LONGEST_WAIT)
                    .until(() -> Files.exists(launcher.home().resolve("maven.pid")));
            build.interrupt();
            assertThat(build.end().status()).isEqualTo(130);
        }
        assertThat(jar).isEmptyFile();
        var maven = Long.parseLong(
                Files.readString(launcher.home().resolve("maven.pid")).strip());
        assertThat(ProcessHandle.of(maven).filter(ProcessHandle::isAlive)).isEmpty();

        launcher.printingJava();
        var next = launcher.run("build");

        assertThat(next.status()).as(next.output()).isZero();
        assertThat(next.output()).contains("The last build was interrupted: starting afresh.");
        assertThat(jar).doesNotExist();
        assertThat(launcher.run("build").output()).doesNotContain("Building");
    }

    @Test
    void a_build_that_fails_leaves_no_jar_behind_and_says_where_its_log_is() throws Exception {
        var launcher = new LauncherCopy(folder, ODD_NAME);
        launcher.maven(
                "mkdir -p server/target && : >server/target/server.jar && echo '[ERROR] the disk is full' && exit 1");

        var result = launcher.run("build");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output())
                .contains("the disk is full", "The build failed; the full log is in ", ODD_NAME + "/target/build.log");
        assertThat(launcher.home().resolve("server/target/server.jar")).doesNotExist();
        assertThat(launcher.run("build").output()).doesNotContain("interrupted");
    }

    @Test
    void concurrent_builds_run_once() throws Exception {
        var launcher = new LauncherCopy(folder, ODD_NAME);
        launcher.printingJava();
        launcher.maven("echo once >>builds; while [ ! -f go ]; do sleep 0.1; done;"
                + " mkdir -p cli/target/lib && : >cli/target/lib/one.jar && : >cli/target/millrace.aot.tried");

        try (var first = launcher.start("build")) {
            await().atMost(LONGEST_WAIT)
                    .until(() -> Files.exists(launcher.home().resolve("builds")));
            try (var second = launcher.start("build")) {
                await().atMost(LONGEST_WAIT)
                        .untilAsserted(() -> assertThat(second.output()).contains("Waiting for another build"));
                Files.createFile(launcher.home().resolve("go"));
                assertThat(first.end().status()).isZero();
                assertThat(second.end().status()).isZero();
            }
        }

        assertThat(Files.readAllLines(launcher.home().resolve("builds"))).hasSize(1);
    }

    @Test
    void arguments_and_paths_may_contain_spaces() throws Exception {
        var launcher = new LauncherCopy(folder, ODD_NAME);
        launcher.printingJava();

        var lines = launcher.run("up", "--data", "a b").output().lines().toList();

        assertThat(lines).endsWith("dev.millrace.cli.Main", "up", "--data", "a b");
        assertThat(lines).contains("-Dmillrace.home=" + launcher.home().toRealPath());
        assertThat(lines).contains("-XX:+UseSerialGC");
        assertThat(lines)
                .filteredOn(line -> line.startsWith("-Xmx"))
                .singleElement()
                .satisfies(heap -> assertThat(Integer.parseInt(heap.substring("-Xmx".length(), heap.length() - 1)))
                        .isBetween(256, 768));
    }

    @ParameterizedTest
    @CsvSource({
        "MILLRACE_JAVA_OPTIONS, -Xmx3g, -Xmx",
        "JAVA_TOOL_OPTIONS, -XX:MaxRAMPercentage=60, -Xmx",
        "JAVA_TOOL_OPTIONS, -XX:+UseG1GC, -XX:+UseSerialGC",
        "MILLRACE_JAVA_OPTIONS, -XX:+UseZGC, -Xmn",
        "JDK_JAVA_OPTIONS, -Xmn100m, -Xmn32m",
    })
    void the_operators_heap_and_collector_replace_those_of_the_launcher(String variable, String option, String replaced)
            throws Exception {
        var launcher = new LauncherCopy(folder, "plain").with(variable, option);
        launcher.printingJava();

        var lines = launcher.run("up").output().lines().toList();

        assertThat(lines).contains("up");
        assertThat(lines).noneMatch(line -> line.startsWith(replaced) && !line.equals(option));
        assertThat(lines.contains(option)).isEqualTo(variable.startsWith("MILLRACE"));
    }

    @Test
    void the_start_up_cache_works_in_a_folder_with_spaces_and_accents_in_the_locale_c() throws Exception {
        var launcher = new LauncherCopy(folder, ODD_NAME);
        launcher.realBuild();
        assertThat(launcher.run("build").status()).isZero();
        var cache = launcher.home().toRealPath().resolve("cli/target/millrace.aot");

        var recorded = launcher.run("--record", cache.toString(), "--version");
        assertThat(recorded.output()).contains("Millrace");
        assertThat(cache).isRegularFile();

        // This mode ends the JVM when the cache cannot be used.
        var used = launcher.with("MILLRACE_JAVA_OPTIONS", "-XX:AOTMode=on").run("keys", "--help");

        assertThat(used.output()).contains("Usage: millrace keys");
        assertThat(used.status()).isZero();
    }

    @Test
    void a_server_runs_in_a_folder_with_spaces_and_accents_and_ends_with_postgresql() throws Exception {
        var launcher = new LauncherCopy(folder, ODD_NAME)
                .with("MILLRACE_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -Duser.language=ar -Duser.country=EG");
        launcher.realBuild();
        var data = launcher.home().resolve("Daten ü");

        try (var up = launcher.start("up", "--port", "0", "--data", data.toString())) {
            await().atMost(LONGEST_WAIT)
                    .untilAsserted(() -> assertThat(up.output()).contains("Stop it with Ctrl-C."));
            assertThat(up.output()).containsPattern("is ready after [0-9]+\\.[0-9] s");
            assertThat(up.output()).contains("Data folder   " + data);
            up.interrupt();
            assertThat(up.end().status()).isZero();
        }

        assertThat(postgres(data)).isEmpty();
    }

    /** At any moment: while PostgreSQL is unpacked, while the server starts, in the middle of the story. */
    @ParameterizedTest
    @ValueSource(strings = {"Unpacking PostgreSQL", "Creating the database", "Database      embedded", "$ curl"})
    void ctrl_c_in_the_demo_stops_postgresql_too(String moment) throws Exception {
        var launcher = new LauncherCopy(folder, "plain").with("MILLRACE_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
        launcher.realBuild();
        var data = folder.resolve("data");

        try (var demo = launcher.start("demo", "--port", "0", "--contacts", "100", "--data", data.toString())) {
            await().atMost(LONGEST_WAIT)
                    .pollInterval(Duration.ofMillis(10))
                    .untilAsserted(() -> assertThat(demo.output()).contains(moment));
            demo.interrupt();
            assertThat(demo.end().status()).as(demo.output()).isZero();
        }

        assertThat(postgres(data)).isEmpty();
    }

    @Test
    void a_second_ctrl_c_ends_the_server_at_once_and_postgresql_with_it() throws Exception {
        var launcher = new LauncherCopy(folder, "plain").with("MILLRACE_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
        launcher.realBuild();
        var data = folder.resolve("data");

        try (var demo = launcher.start("demo", "--port", "0", "--contacts", "100", "--data", data.toString())) {
            await().atMost(LONGEST_WAIT)
                    .untilAsserted(() -> assertThat(demo.output()).contains("Database      embedded"));
            demo.interrupt();
            demo.interrupt();
            assertThat(demo.end().status()).isBetween(0, 1);
        }

        await().atMost(LONGEST_WAIT)
                .untilAsserted(() -> assertThat(postgres(data)).isEmpty());
    }

    private static List<String> postgres(Path data) {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains("postgres") && line.contains(data.toString()))
                .toList();
    }
}
