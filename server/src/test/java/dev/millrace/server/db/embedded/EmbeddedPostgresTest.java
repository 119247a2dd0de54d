package dev.millrace.server.db.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.security.auth.module.UnixSystem;
import dev.millrace.server.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Tag("slow")
@Execution(ExecutionMode.SAME_THREAD)
class EmbeddedPostgresTest {
    private static final String THROUGH_NETWORK =
            "SELECT (client_addr IS NOT NULL)::int FROM pg_stat_activity WHERE pid = pg_backend_pid()";

    @TempDir
    Path folder;

    private final ArrayList<EmbeddedPostgres> started = new ArrayList<>();

    @BeforeEach
    void let_others_enter() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void stop() {
        started.forEach(EmbeddedPostgres::close);
    }

    private EmbeddedPostgres start(Path data) {
        var postgres = EmbeddedPostgres.start(data);
        started.add(postgres);
        return postgres;
    }

    @Test
    void a_second_start_has_the_data_of_the_first() throws Exception {
        var data = folder.resolve("data");
        var first = start(data);
        execute(first, "CREATE TABLE t (n int)");
        execute(first, "INSERT INTO t VALUES (42)");

        first.close();
        var second = start(data);

        assertThat(number(second, "SELECT n FROM t")).isEqualTo(42);
        assertThat(EmbeddedPostgresPid.isAlive(first.pid())).isFalse();
        assertThat(Files.getPosixFilePermissions(data.resolve("postgres.password")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void a_data_folder_whose_programs_cannot_be_executed_is_refused_in_one_line() throws Exception {
        try (var mounted = MountedFolder.of(folder.resolve("noexec"), "noexec,size=200m")) {
            assertThatThrownBy(() -> start(mounted.path().resolve("data")))
                    .isInstanceOf(EmbeddedPostgresFailure.class)
                    .hasMessageContaining("mounted with 'noexec'")
                    .hasMessageContaining("--data")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void a_disk_without_room_is_refused_in_one_line() throws Exception {
        try (var mounted = MountedFolder.of(folder.resolve("small"), "size=30m")) {
            assertThatThrownBy(() -> start(mounted.path().resolve("data")))
                    .isInstanceOf(EmbeddedPostgresFailure.class)
                    .hasMessageContaining(" MB left, and a new database needs 160 MB")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void it_ends_at_once_for_the_process_that_started_it_only() throws Exception {
        var data = folder.resolve("data");
        var postgres = start(TestDatabase.prepared(data));
        long pid = postgres.pid();
        var holder = Files.readString(data.resolve("lock"));

        Files.writeString(data.resolve("lock"), "1");
        EmbeddedPostgres.stopAtOnce(data);
        assertThat(EmbeddedPostgresPid.isAlive(pid)).isTrue();

        Files.writeString(data.resolve("lock"), holder);
        EmbeddedPostgres.stopAtOnce(data);
        await().until(() -> !EmbeddedPostgresPid.isAlive(pid));
    }

    @Test
    void it_speaks_utf8_whatever_the_locale_of_the_machine() throws Exception {
        var postgres = start(TestDatabase.prepared(folder.resolve("data")));

        assertThat(number(postgres, "SELECT (upper('é') = 'É' AND getdatabaseencoding() = 'UTF8')::int"))
                .isEqualTo(1);
    }

    @Test
    void a_killed_postmaster_is_started_again_with_every_acknowledged_row() throws Exception {
        var postgres = start(TestDatabase.prepared(folder.resolve("data")));
        execute(postgres, "CREATE TABLE t (n int)");
        for (int n = 0; n < 100; n++) {
            execute(postgres, "INSERT INTO t VALUES (" + n + ")");
        }
        long killed = postgres.pid();

        ProcessHandle.of(killed).orElseThrow().destroyForcibly();

        await().atMost(Duration.ofSeconds(90)).ignoreExceptions().untilAsserted(() -> {
            assertThat(postgres.pid()).isNotEqualTo(killed);
            assertThat(number(postgres, "SELECT count(*) FROM t")).isEqualTo(100);
        });
    }

    @Test
    void a_second_server_on_the_same_folder_is_refused() {
        var data = TestDatabase.prepared(folder.resolve("data"));
        start(data);

        assertThatThrownBy(() -> EmbeddedPostgres.start(data))
                .isInstanceOf(EmbeddedPostgresFailure.class)
                .hasMessageContaining("in use by another Millrace server (process "
                        + ProcessHandle.current().pid() + ")")
                .hasMessageContaining("--data");
    }

    @Test
    void what_a_killed_server_left_running_is_stopped_and_started_afresh() throws Exception {
        var data = folder.resolve("data");
        try (var other = OtherServer.start(data)) {
            long survivor = other.postgresPid();
            other.kill();
            assertThat(EmbeddedPostgresPid.isAlive(survivor)).isTrue();

            var postgres = start(data);

            assertThat(EmbeddedPostgresPid.isAlive(survivor)).isFalse();
            assertThat(number(postgres, "SELECT n FROM t")).isEqualTo(7);
        }
    }

    @Test
    void a_pid_file_with_the_pid_of_another_program_is_ignored() throws Exception {
        var data = TestDatabase.prepared(folder.resolve("data"));
        var first = start(data);
        execute(first, "CREATE TABLE t AS SELECT 5 AS n");
        first.close();
        Files.writeString(
                data.resolve("postgres/postmaster.pid"),
                ProcessHandle.current().pid() + "\n" + data.resolve("postgres") + "\n1700000000\n5432\n\n127.0.0.1\n"
                        + "  1234567 99999999\nready   \n");

        var second = start(data);

        assertThat(number(second, "SELECT n FROM t")).isEqualTo(5);
    }

    @Test
    void leftovers_of_an_interrupted_first_start_are_deleted() throws Exception {
        var data = folder.resolve("data");
        Files.createDirectories(data.resolve("creating-1/cluster"));
        Files.createDirectories(data.resolve("unpacking-1/bin"));

        start(data);

        assertThat(data.resolve("creating-1")).doesNotExist();
        assertThat(data.resolve("unpacking-1")).doesNotExist();
    }

    @Test
    void it_listens_on_a_unix_socket_with_access_for_its_user_only() throws Exception {
        var data = TestDatabase.prepared(folder.resolve("data"));
        start(data).close();
        var leftover = Files.createFile(data.resolve("postgres/.s.PGSQL.1.lock"));

        var postgres = start(data);

        assertThat(number(postgres, THROUGH_NETWORK)).isZero();
        assertThat(leftover).doesNotExist();
        try (var sockets = Files.newDirectoryStream(data.resolve("postgres"), ".s.PGSQL.[0-9]*[0-9]")) {
            assertThat(Files.getPosixFilePermissions(sockets.iterator().next()))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void a_data_folder_whose_name_is_too_long_for_a_unix_socket_works_too() throws Exception {
        var parent = Files.createDirectory(
                folder.resolve("long".repeat(25)),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));

        var postgres = start(TestDatabase.prepared(parent.resolve("data")));

        assertThat(number(postgres, THROUGH_NETWORK)).isEqualTo(1);
    }

    @Test
    void a_folder_that_only_its_owner_may_enter_works_too() throws Exception {
        var closed = Files.createDirectory(
                folder.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));

        var postgres = start(closed.resolve("data"));

        assertThat(number(postgres, "SELECT 1")).isEqualTo(1);
    }

    @Test
    void an_ordinary_user_needs_nothing_more() throws Exception {
        assumeTrue(new UnixSystem().getUid() == 0, "only root can become somebody else");
        var home = Files.createDirectory(folder.resolve("home"));
        Files.setAttribute(home, "unix:uid", 65534);

        try (var other = OtherServer.startAs(65534, home)) {
            assertThat(EmbeddedPostgresPid.isAlive(other.postgresPid())).isTrue();
            assertThat(Files.getAttribute(home.resolve("data/postgres"), "unix:uid"))
                    .isEqualTo(65534);
            other.kill();
        }

        var postgres = start(home.resolve("data"));
        assertThat(number(postgres, "SELECT n FROM t")).isEqualTo(7);
        assertThat(Files.getAttribute(home.resolve("data/postgres"), "unix:uid"))
                .isEqualTo(65534);
    }

    @Test
    void a_folder_that_cannot_be_created_is_reported_with_the_remedy() throws Exception {
        var file = Files.writeString(folder.resolve("file"), "not a folder");

        assertThatThrownBy(() -> EmbeddedPostgres.start(file.resolve("data")))
                .isInstanceOf(EmbeddedPostgresFailure.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("--data");
    }

    private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        return DriverManager.getConnection(postgres.url());
    }

    private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (var connection = connect(postgres);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int number(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (var connection = connect(postgres);
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
