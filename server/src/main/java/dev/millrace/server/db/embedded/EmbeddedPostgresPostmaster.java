package dev.millrace.server.db.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** PostgreSQL's main process. It is started through pg_ctl, so that a Ctrl-C in the terminal does not reach it. */
final class EmbeddedPostgresPostmaster {
    private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(60);
    private static final int POLL = 5;
    private static final int RETRY = 200;

    private static final String SOCKET = ".s.PGSQL.";

    /**
     * Operating systems limit the path of a unix socket: to 104 bytes on some and 108 on others, with a terminating
     * zero.
     */
    private static final int LONGEST_SOCKET = 103;

    /** No system uses process ids this large, so PostgreSQL treats the owner of the file as dead. */
    private static final String NO_PROCESS = "999999999";

    private final Path cluster;
    private final Path binaries;
    private final EmbeddedPostgresAccount account;

    EmbeddedPostgresPostmaster(Path cluster, Path binaries, EmbeddedPostgresAccount account) {
        this.cluster = cluster;
        this.binaries = binaries;
        this.account = account;
    }

    /** The unix socket of the running PostgreSQL; empty if the path would be too long. */
    static Optional<Path> socket(Path cluster, int port) {
        var socket = cluster.resolve(SOCKET + port);
        return socket.toString().getBytes(UTF_8).length <= LONGEST_SOCKET && Files.exists(socket)
                ? Optional.of(socket)
                : Optional.empty();
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Starts PostgreSQL on the port, waits until it accepts connections, and returns its process id. */
    long start(int port) throws IOException {
        long end = System.nanoTime() + LONGEST_WAIT;
        while (true) {
            stopSurvivor();
            sweepSockets();
            if (attempt(port)) {
                return EmbeddedPostgresPid.read(cluster)
                        .orElseThrow(this::failed)
                        .pid();
            }
            // Shortly after a kill its child processes still hold the shared memory.
            if (System.nanoTime() > end || !startupLog().contains("still in use")) {
                throw failed();
            }
            EmbeddedPostgresCommand.pause(RETRY);
        }
    }

    private boolean attempt(int port) throws IOException {
        Files.deleteIfExists(startupLogFile());
        // A dot is the cluster's own folder, which no other user may enter.
        var options = "-c listen_addresses=127.0.0.1 -c unix_socket_directories=. -c unix_socket_permissions=0700"
                + " -c port=" + port;
        var starter = EmbeddedPostgresCommand.startQuietly(
                cluster,
                account.command(control(
                        "start", "-w", "-t", "60", "-l", startupLogFile().toString(), "-o", options)));
        // pg_ctl checks ten times a second; the file shows it at once.
        while (starter.isAlive()) {
            if (isReady(port)) {
                return true;
            }
            EmbeddedPostgresCommand.pause(POLL);
        }
        return isReady(port);
    }

    /** The file of a killed process also says "ready", until the new process writes its own. */
    private boolean isReady(int port) throws IOException {
        return EmbeddedPostgresPid.read(cluster)
                .filter(pid -> pid.ready() && pid.port() == port && EmbeddedPostgresPid.isAlive(pid.pid()))
                .isPresent();
    }

    /**
     * Stops the PostgreSQL that an earlier server has left running here. Also corrects a pid file whose process id
     * belongs to another program now.
     */
    private void stopSurvivor() throws IOException {
        var found = EmbeddedPostgresPid.read(cluster);
        if (found.isEmpty()) {
            return;
        }
        long pid = found.get().pid();
        if (EmbeddedPostgresPid.isPostgresOf(pid, cluster)) {
            stop(pid);
        } else if (ProcessHandle.of(pid).isPresent()) {
            EmbeddedPostgresPid.replace(cluster, NO_PROCESS);
        }
    }

    /**
     * Deletes files of killed processes, so that PostgreSQL does not take another process for the owner of its socket.
     */
    private void sweepSockets() throws IOException {
        try (var left = Files.newDirectoryStream(cluster, SOCKET + "*")) {
            for (var file : left) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Ends all sessions, writes a checkpoint and waits until the process has ended. */
    void stop(long pid) {
        if (stop(pid, "fast") || stop(pid, "immediate")) {
            return;
        }
        throw new EmbeddedPostgresFailure(
                "PostgreSQL (process " + pid + ") does not stop. Its log is in " + cluster.resolve("log") + ".");
    }

    private boolean stop(long pid, String mode) {
        EmbeddedPostgresCommand.run(cluster, account.command(control("stop", "-W", "-m", mode)));
        return waitUntil(() -> !EmbeddedPostgresPid.isAlive(pid));
    }

    private static boolean waitUntil(BooleanSupplier condition) {
        long end = System.nanoTime() + LONGEST_WAIT / 2;
        while (System.nanoTime() < end) {
            if (condition.getAsBoolean()) {
                return true;
            }
            EmbeddedPostgresCommand.pause(POLL);
        }
        return condition.getAsBoolean();
    }

    private List<String> control(String... arguments) {
        return EmbeddedPostgresCommand.join(
                List.of(binaries.resolve("bin/pg_ctl").toString(), "-D", cluster.toString()), List.of(arguments));
    }

    private Path startupLogFile() {
        return cluster.resolve("startup.log");
    }

    private String startupLog() throws IOException {
        try {
            return Files.readString(startupLogFile()).strip();
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private EmbeddedPostgresFailure failed() {
        try {
            return EmbeddedPostgresFailure.printed(
                    "PostgreSQL does not start in " + cluster,
                    startupLog() + "\nMore may be in " + cluster.resolve("log") + ".");
        } catch (IOException e) {
            return new EmbeddedPostgresFailure("PostgreSQL does not start in " + cluster + ".", e);
        }
    }
}
