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
        try (var admin = Database.open(config("postgres", 1))) {
            admin.useHandle(h -> h.execute("CREATE DATABASE " + name + " TEMPLATE migrated"));
        }
        return Database.open(config(name, 20));
    }

    private static DatabaseConfig config(String name, int pool) {
        return new DatabaseConfig("postgres://postgres@127.0.0.1:" + Cluster.PORT + "/" + name, pool);
    }

    private static int start() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var folder = Files.createTempDirectory("millrace-test-postgres");
            run("chown", "nobody:nogroup", folder.toString());
            asNobody("initdb", "-D", folder + "/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "-N");
            int port = socket.getLocalPort();
            socket.close();
            var options = "-p " + port + " -h 127.0.0.1 -k " + folder + " -F -c max_connections=200";
            asNobody("pg_ctl", "-D", folder + "/data", "-w", "-l", folder + "/log", "-o", options, "start");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                asNobody("pg_ctl", "-D", folder + "/data", "-m", "immediate", "stop");
                run("rm", "-rf", folder.toString());
            }));
            prepare(port);
            return port;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void prepare(int port) {
        var url = "postgres://postgres@127.0.0.1:" + port + "/";
        try (var admin = Database.open(new DatabaseConfig(url + "postgres", 1))) {
            admin.useHandle(h -> h.execute("CREATE DATABASE migrated"));
        }
        Database.open(new DatabaseConfig(url + "migrated", 2)).close();
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
