package dev.millrace.server.db.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.db.UnixSocketFactory;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL in the data folder, reachable from this machine only. It is restarted when it dies. One that is still
 * running after its server was killed is used again. Thread-safe.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final int WATCH_MILLIS = 250;
    private static final int PORT_ATTEMPTS = 3;
    private static final long MEGABYTE = 1024 * 1024;

    /** The programs take 60 MB, an empty database 43 MB, and its write-ahead log grows. */
    private static final long NEEDED = 160 * MEGABYTE;

    private final DataLock dataLock;
    private final Path cluster;
    private final EmbeddedPostgresPostmaster postmaster;
    private final String password;
    private final int port;
    private final ReentrantLock guard = new ReentrantLock();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile long pid;

    /** Receives the progress of a first start. */
    public interface Progress {
        void at(String step, long done, long total);

        /** Ignores the progress. */
        Progress NONE = (_, _, _) -> {};
    }

    private EmbeddedPostgres(DataLock dataLock, Path cluster, EmbeddedPostgresPostmaster postmaster, String password)
            throws IOException {
        this.dataLock = dataLock;
        this.cluster = cluster;
        this.postmaster = postmaster;
        this.password = password;
        int chosen = EmbeddedPostgresPostmaster.freePort();
        for (int attempt = 1; pid == 0; attempt++) {
            try {
                pid = postmaster.start(chosen);
            } catch (EmbeddedPostgresFailure e) {
                // Another process may take the port after we have chosen it and before PostgreSQL opens it.
                if (attempt == PORT_ATTEMPTS) {
                    throw e;
                }
                chosen = EmbeddedPostgresPostmaster.freePort();
            }
        }
        this.port = chosen;
    }

    /** Starts PostgreSQL; creates missing parts first: programs, cluster, password. */
    public static EmbeddedPostgres start(Path dataFolder) {
        return start(dataFolder, Progress.NONE);
    }

    /** Starts PostgreSQL and reports progress: a first start takes some seconds. */
    public static EmbeddedPostgres start(Path dataFolder, Progress progress) {
        try {
            var data = createFolder(dataFolder).toRealPath();
            var lock = DataLock.take(data);
            try {
                return locked(data, lock, progress);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new EmbeddedPostgresFailure(
                    "The data folder " + dataFolder + " cannot be used: " + e
                            + ". Choose one that you may write to with --data.",
                    e);
        }
    }

    /** The URL of the PostgreSQL that another process has started on this folder; empty when there is none. */
    public static Optional<String> running(Path dataFolder) {
        try {
            var cluster = dataFolder.toRealPath().resolve("postgres");
            var found = EmbeddedPostgresPid.read(cluster);
            if (found.isEmpty()
                    || !found.get().ready()
                    || !EmbeddedPostgresPid.isPostgresOf(found.get().pid(), cluster)) {
                return Optional.empty();
            }
            return Optional.of(url(cluster, found.get().port(), password(dataFolder, cluster)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new EmbeddedPostgresFailure("The data folder " + dataFolder + " cannot be read: " + e, e);
        }
    }

    /**
     * Ends the PostgreSQL that this process has started on the folder, without a checkpoint; the next start recovers.
     * For a process that is about to halt.
     */
    public static void stopAtOnce(Path dataFolder) {
        try {
            var data = dataFolder.toRealPath();
            var cluster = data.resolve("postgres");
            var found = EmbeddedPostgresPid.read(cluster);
            if (DataLock.isOurs(data)
                    && found.isPresent()
                    && EmbeddedPostgresPid.isPostgresOf(found.get().pid(), cluster)) {
                var quit = List.of(
                        "sh",
                        "-c",
                        "kill -QUIT \"$1\"",
                        "sh",
                        String.valueOf(found.get().pid()));
                EmbeddedPostgresCommand.run(Path.of("/"), quit);
            }
        } catch (IOException _) {
            // Without readable files there is no PostgreSQL to stop.
        }
    }

    private static EmbeddedPostgres locked(Path data, DataLock lock, Progress progress) throws IOException {
        EmbeddedPostgresFiles.sweep(data);
        var cluster = data.resolve("postgres");
        if (!Files.exists(cluster)) {
            checkRoom(data);
        }
        var binaries = EmbeddedPostgresBinaries.unpackInto(data, progress);
        checkExecutable(data, binaries);
        var account = EmbeddedPostgresAccount.of(data, cluster);
        var password = password(data, cluster);
        boolean first = !Files.exists(cluster);
        if (first) {
            progress.at("Creating the database", 0, 1);
        }
        EmbeddedPostgresCluster.prepare(data, cluster, binaries, account, password);
        if (first) {
            progress.at("Creating the database", 1, 1);
        }
        var postmaster = new EmbeddedPostgresPostmaster(cluster, binaries, account);
        var started = new EmbeddedPostgres(lock, cluster, postmaster, password);
        Thread.ofPlatform().name("postgres-watch").daemon().start(started::watch);
        return started;
    }

    /** Checked first, because the errors of programs that meet a full disk would be hard to understand. */
    private static void checkRoom(Path data) throws IOException {
        long free = Files.getFileStore(data).getUsableSpace();
        if (free < NEEDED) {
            throw new EmbeddedPostgresFailure("The disk of the data folder " + data + " has " + free / MEGABYTE
                    + " MB left, and a new database needs " + NEEDED / MEGABYTE
                    + " MB. Free some space, or choose another folder with --data.");
        }
    }

    private static void checkExecutable(Path data, Path binaries) {
        if (!Files.isExecutable(binaries.resolve("bin/postgres"))) {
            throw new EmbeddedPostgresFailure("Programs in the data folder " + data + " cannot be executed: its file"
                    + " system may be mounted with 'noexec'. Choose a folder elsewhere with --data, or name your own"
                    + " PostgreSQL with --database-url.");
        }
    }

    private static Path createFolder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            // Others may enter the folder but not list it: the account that runs PostgreSQL needs to pass through.
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        }
        return folder;
    }

    private static String password(Path data, Path cluster) throws IOException {
        var file = data.resolve("postgres.password");
        if (Files.exists(file)) {
            return Files.readString(file).strip();
        }
        if (Files.exists(cluster)) {
            throw new EmbeddedPostgresFailure("The password file " + file + " is gone, the database " + cluster
                    + " cannot be opened without it. Put it back from your backup.");
        }
        var random = new byte[24];
        new SecureRandom().nextBytes(random);
        var password = HexFormat.of().formatHex(random);
        EmbeddedPostgresFiles.writeSecret(file, password + "\n");
        return password;
    }

    /** The JDBC URL with its password: not for logs. */
    public String url() {
        return url(cluster, port, password);
    }

    private static String url(Path cluster, int port, String password) {
        var url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=" + EmbeddedPostgresCluster.USER
                + "&password=" + password;
        // Costs PostgreSQL a fifth less than a TCP connection (docs/adr/023).
        return EmbeddedPostgresPostmaster.socket(cluster, port)
                .map(socket -> url + "&socketFactory=" + UnixSocketFactory.class.getName() + "&socketFactoryArg="
                        + URLEncoder.encode(socket.toString(), UTF_8))
                .orElse(url);
    }

    /** The process id of PostgreSQL's main process; it changes with a restart. */
    public long pid() {
        return pid;
    }

    private void watch() {
        try {
            while (!closing.await(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
                if (!EmbeddedPostgresPid.isAlive(pid)) {
                    restart();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void restart() {
        guard.lock();
        try {
            if (closing.getCount() == 0) {
                return;
            }
            LOG.warn("PostgreSQL (process {}) died; restarting it", pid);
            pid = postmaster.start(port);
            LOG.info("PostgreSQL is back as process {}", pid);
        } catch (IOException | EmbeddedPostgresFailure e) {
            LOG.error("PostgreSQL could not be restarted; trying again", e);
        } finally {
            guard.unlock();
        }
    }

    /** Stops PostgreSQL and waits until it has ended. */
    @Override
    public void close() {
        closing.countDown();
        guard.lock();
        try {
            if (EmbeddedPostgresPid.isAlive(pid)) {
                postmaster.stop(pid);
            }
            dataLock.close();
        } catch (IOException e) {
            throw new EmbeddedPostgresFailure("The data folder's lock cannot be released: " + e.getMessage(), e);
        } finally {
            guard.unlock();
        }
    }
}
