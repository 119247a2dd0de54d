package dev.millrace.server.testkit;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.db.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A PostgreSQL for one test, with settings of its own and the newest schema: to be killed, and it comes back. */
public final class OwnPostgres implements AutoCloseable {
    private final Path folder = TestFolder.create("own-postgres");
    private final EmbeddedPostgres postgres;

    private OwnPostgres(List<String> settings) {
        var data = TestDatabase.prepared(folder.resolve("data"));
        try (var first = EmbeddedPostgres.start(data)) {
            settings.forEach(setting -> execute(first.url(), "ALTER SYSTEM SET " + setting));
        }
        postgres = EmbeddedPostgres.start(data);
        Database.open(new DatabaseConfig(url(), 2)).close();
    }

    /** Commits reach the operating system, which no kill of a process takes along, but not the disk. */
    public static OwnPostgres start() {
        return new OwnPostgres(List.of("fsync = off", "max_connections = 200"));
    }

    /** The same, which remembers when each transaction was committed. */
    static OwnPostgres withCommitTimes() {
        return new OwnPostgres(List.of("fsync = off", "max_connections = 200", "track_commit_timestamp = on"));
    }

    public String url() {
        return postgres.url();
    }

    public void execute(String sql) {
        execute(url(), sql);
    }

    /** {@code kill -9} of the main process. */
    public void kill() {
        kill(postgres.pid());
    }

    /** {@code kill -9} of a process that serves one connection: PostgreSQL then starts all of them anew. */
    public void killOneBackend() throws SQLException {
        try (var connection = DriverManager.getConnection(url());
                var statement = connection.createStatement();
                var row = statement.executeQuery("""
                        SELECT pid
                          FROM pg_stat_activity
                         WHERE application_name = 'millrace' AND state <> 'idle' AND pid <> pg_backend_pid()
                         ORDER BY pid
                         LIMIT 1
                        """)) {
            if (row.next()) {
                kill(row.getLong(1));
            } else {
                kill(postgres.pid());
            }
        }
    }

    /** Stops all of its processes where they are: {@code kill -STOP}. */
    public void freeze() {
        signal("STOP");
    }

    /** Lets them go on from there. */
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        var command = new ArrayList<>(List.of("kill", "-" + name, String.valueOf(postgres.pid())));
        ProcessHandle.of(postgres.pid()).stream()
                .flatMap(ProcessHandle::children)
                .map(child -> String.valueOf(child.pid()))
                .forEach(command::add);
        try {
            new ProcessBuilder(command).start().onExit().join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }

    private static void execute(String url, String sql) {
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public void close() {
        postgres.close();
        TestFolder.delete(folder);
    }
}
