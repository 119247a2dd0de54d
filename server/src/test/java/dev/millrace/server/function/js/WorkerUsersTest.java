package dev.millrace.server.function.js;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets which user id, also when several servers run on this machine. */
@Tag("slow")
final class WorkerUsersTest {
    @TempDir
    Path folder;

    /** Claims ids until it is killed, as another server does. */
    static final class OtherServer {
        private OtherServer() {}

        public static void main(String[] args) throws IOException {
            var users = users(Path.of(args[0]));
            for (int i = 0; i < 10; i++) {
                System.out.println(users.claim());
            }
            System.in.read();
        }
    }

    /** Does not look at processes, because workers of other tests come and go at any moment. */
    private static WorkerUsers users(Path... folders) {
        return new WorkerUsers(List.of(folders), Set::of);
    }

    @Test
    void the_user_of_a_process_is_not_claimed() throws Exception {
        var users = new WorkerUsers(List.of(folder), () -> Set.of(WorkerUsers.FIRST, WorkerUsers.FIRST + 2));

        assertThat(List.of(users.claim(), users.claim())).containsExactly(WorkerUsers.FIRST + 1, WorkerUsers.FIRST + 3);
    }

    @BeforeEach
    void onLinux() {
        assumeTrue(Files.exists(Path.of("/proc/self")), "Only Linux tells the users of processes");
    }

    @Test
    void claims_of_this_process_are_all_different_until_they_are_released() throws Exception {
        var users = users(folder);
        var others = users(folder);
        var seen = new HashSet<Integer>();
        for (int i = 0; i < 50; i++) {
            assertThat(seen.add(users.claim())).isTrue();
            assertThat(seen.add(others.claim())).isTrue();
        }

        var released = users.claim();
        users.release(released);

        assertThat(untilAllAreTaken(users))
                .contains(released)
                .doesNotHaveDuplicates()
                .doesNotContainAnyElementsOf(seen);
    }

    private static List<Integer> untilAllAreTaken(WorkerUsers users) {
        var claimed = new ArrayList<Integer>();
        assertThatThrownBy(() -> {
                    while (claimed.size() <= WorkerUsers.LAST - WorkerUsers.FIRST) {
                        claimed.add(users.claim());
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("are taken");
        return claimed;
    }

    @Test
    void another_server_gets_others_and_gives_them_back_when_it_is_killed() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        var other = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        OtherServer.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var lines = other.inputReader()) {
            var theirs = new ArrayList<Integer>();
            for (int i = 0; i < 10; i++) {
                theirs.add(Integer.valueOf(lines.readLine()));
            }
            var users = users(folder);
            for (int i = 0; i < 10; i++) {
                assertThat(theirs).doesNotContain(users.claim());
            }

            other.destroyForcibly().waitFor();

            assertThat(untilAllAreTaken(users)).containsAll(theirs);
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void a_folder_that_is_no_folder_of_ours_is_not_used() throws Exception {
        var elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        var link = Files.createSymbolicLink(folder.resolve("link"), elsewhere);

        assertThatThrownBy(() -> users(link).claim()).isInstanceOf(IOException.class);
        int claimed = users(link, elsewhere).claim();
        assertThat(elsewhere.resolve(Integer.toString(claimed))).exists();
    }
}
