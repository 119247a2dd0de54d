package dev.millrace.server.testkit;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.db.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A real PostgreSQL for tests, one per JVM: every caller gets a migrated database of its own. */
public final class TestDatabase {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final int POOL = 20;

    private static final class Cluster {
        static final Path FOLDER = TestFolder.create("postgres");
        static final EmbeddedPostgres POSTGRES = start(FOLDER);
    }

    private TestDatabase() {}

    /** An open database with the newest schema and nothing in it. */
    public static Database fresh() {
        return Database.open(new DatabaseConfig(freshUrl(), POOL));
    }

    /** The same, not yet opened: its JDBC URL. */
    public static String freshUrl() {
        var name = "test_" + COUNT.incrementAndGet();
        execute(Cluster.POSTGRES, "CREATE DATABASE " + name + " TEMPLATE migrated");
        return url(Cluster.POSTGRES, name);
    }

    /** The first column of each row, read on a connection that is none of a server's. */
    public static List<String> rows(String url, String sql) {
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            var found = new ArrayList<String>();
            while (row.next()) {
                found.add(row.getString(1));
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /**
     * A data folder for a PostgreSQL of the test's own that finds its programs unpacked.
     *
     * @param data does not exist yet
     */
    public static Path prepared(Path data) {
        try (var unpacked = Files.newDirectoryStream(Cluster.FOLDER, "postgres-*")) {
            Files.createDirectory(data);
            Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
            var programs = unpacked.iterator().next();
            Files.createSymbolicLink(data.resolve(programs.getFileName()), programs);
            return data;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EmbeddedPostgres start(Path folder) {
        var postgres = EmbeddedPostgres.start(folder);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            postgres.close();
            TestFolder.delete(folder);
        }));
        // Nothing here outlives the JVM, so nothing has to reach the disk.
        execute(postgres, "ALTER SYSTEM SET fsync = off");
        execute(postgres, "ALTER SYSTEM SET synchronous_commit = off");
        execute(postgres, "SELECT pg_reload_conf()");
        execute(postgres, "CREATE DATABASE migrated");
        Database.open(new DatabaseConfig(url(postgres, "migrated"), 2)).close();
        return postgres;
    }

    private static String url(EmbeddedPostgres postgres, String database) {
        return postgres.url().replace("/postgres?", "/" + database + "?");
    }

    private static void execute(EmbeddedPostgres postgres, String sql) {
        execute(postgres.url(), sql);
    }

    /** On a connection that is none of a server's. */
    public static void execute(String url, String sql) {
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}
