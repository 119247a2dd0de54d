package dev.millrace.server.function.js;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Looks at live workers from outside, through /proc. */
final class WorkerConfinementTest {
    private static final FunctionHarness HARNESS = new FunctionHarness();

    private static Confinement confinement;
    private static Worker worker;
    private static Worker neighbour;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/status")), "Only Linux shows and limits what a process may do");
        var config = HARNESS.config();
        confinement = Confinement.probe(List.of(config.node().toString(), "--version"));
        var launcher = new Launcher(config);
        worker = launcher.launch("confined");
        neighbour = launcher.launch("neighbour");
    }

    @AfterAll
    static void stop() {
        for (var each : List.of(worker, neighbour)) {
            each.kill("function_runtime_other");
        }
    }

    @Test
    void every_worker_is_a_user_of_its_own_without_rights() throws IOException {
        assumeTrue(confinement.otherUser(), "The server is not root here, or setpriv is missing: no other user to be");

        assertThat(status(worker, "Uid"))
                .matches("(606\\d\\d|60[7-9]\\d\\d|61\\d\\d\\d)(\\t\\1){3}")
                .isNotEqualTo(status(neighbour, "Uid"));
        assertThat(status(worker, "Gid")).isEqualTo(status(worker, "Uid"));
        assertThat(status(worker, "Groups")).isEmpty();
        assertThat(status(worker, "CapBnd")).isEqualTo("0".repeat(16));
    }

    @Test
    void no_worker_has_or_gains_capabilities() throws IOException {
        assumeTrue(
                confinement.otherUser() || confinement.prefix().contains("--no-new-privs"), "setpriv is missing here");

        assertThat(status(worker, "CapEff")).isEqualTo("0".repeat(16));
        assertThat(status(worker, "CapPrm")).isEqualTo("0".repeat(16));
        assertThat(status(worker, "NoNewPrivs")).isEqualTo("1");
    }

    @Test
    void its_network_is_empty() throws IOException {
        assumeTrue(confinement.prefix().contains("--net"), "The kernel refuses unshare --net here");

        for (var namespace : List.of("net", "ipc", "uts")) {
            assertThat(namespace(worker.pid(), namespace))
                    .isNotEqualTo(namespace(ProcessHandle.current().pid(), namespace))
                    .isNotEqualTo(namespace(neighbour.pid(), namespace));
        }
        assertThat(proc(worker, "net/dev").lines().skip(2)).allMatch(line -> line.contains("lo:"));
        assertThat(proc(worker, "net/route").lines().skip(1)).isEmpty();
    }

    @Test
    void the_system_limits_its_files_processes_and_memory() throws IOException {
        assertThat(limit("Max core file size")).isEqualTo("0");
        assertThat(limit("Max file size")).isEqualTo("0");
        assertThat(limit("Max open files")).isEqualTo("256");
        long data = (HARNESS.config().worker().memoryMegabytes() + 1024L) * 1024 * 1024;
        assertThat(limit("Max data size")).isEqualTo(Long.toString(data));
        if (confinement.otherUser()) {
            assertThat(limit("Max processes")).isEqualTo("64");
        }
        assertThat(proc(worker, "oom_score_adj").strip()).isEqualTo("500");
    }

    @Test
    void its_environment_tells_nothing() throws IOException {
        assertThat(proc(worker, "environ")).isEqualTo("MALLOC_ARENA_MAX=1\0");
    }

    private static String status(Worker of, String field) throws IOException {
        var matcher = Pattern.compile("^" + field + ":[ \\t]*(.*?)\\s*$", Pattern.MULTILINE)
                .matcher(proc(of, "status"));
        assertThat(matcher.find()).as(field).isTrue();
        return matcher.group(1);
    }

    /** The hard limit: what the process cannot lift again. */
    private static String limit(String name) throws IOException {
        var matcher = Pattern.compile("^" + name + " +\\S+ +(\\S+)", Pattern.MULTILINE)
                .matcher(proc(worker, "limits"));
        assertThat(matcher.find()).as(name).isTrue();
        return matcher.group(1);
    }

    private static String namespace(long pid, String name) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + name)).toString();
    }

    private static String proc(Worker of, String file) throws IOException {
        return Files.readString(Path.of("/proc/" + of.pid() + "/" + file));
    }
}
