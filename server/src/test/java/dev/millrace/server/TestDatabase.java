package dev.millrace.server;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;

/** A real PostgreSQL for tests, one per JVM: every caller gets a migrated database of its own. */
public final class TestDatabase {
    private static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");
    private static final AtomicInteger COUNT = new AtomicInteger();

    private static final class Cluster {
        static final int PORT = start();
    }

    private TestDatabase() {}

    /** An open database with the newest schema and nothing in it. */
    public static Database fresh() {
        var name = "test_" + COUNT.incrementAndGet();
        execute(Cluster.PORT, "CREATE DATABASE " + name + " TEMPLATE migrated");
        return open(Cluster.PORT, name, 20);
    }

    private static Database open(int port, String name, int pool) {
        return Database.open(new DatabaseConfig("postgres://postgres@127.0.0.1:" + port + "/" + name, pool));
    }

    private static void execute(int port, String sql) {
        Jdbi.create("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "")
                .useHandle(handle -> handle.execute(sql));
    }

    private static int start() {
        try {
            int port = freePort();
            var folder = Files.createTempDirectory("millrace-test-postgres");
            run("chown", "nobody:nogroup", folder.toString());
            asNobody("initdb", "-D", folder + "/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "-N");
            var options = "-p " + port + " -h 127.0.0.1 -k " + folder + " -F -c max_connections=200";
            asNobody("pg_ctl", "-D", folder + "/data", "-w", "-l", folder + "/log", "-o", options, "start");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                asNobody("pg_ctl", "-D", folder + "/data", "-m", "immediate", "stop");
                run("rm", "-rf", folder.toString());
            }));
            execute(port, "CREATE DATABASE migrated");
            open(port, "migrated", 2).close();
            return port;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void asNobody(String program, String... arguments) {
        var command = new java.util.ArrayList<>(
                List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", PROGRAMS + "/" + program));
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    private static void run(String... command) {
        try {
            var process = new ProcessBuilder(command)
                    .directory(Path.of("/tmp").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
