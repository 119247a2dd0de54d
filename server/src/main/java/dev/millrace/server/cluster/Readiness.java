package dev.millrace.server.cluster;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.Outage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether this server can do its work. Thread-safe. */
public final class Readiness {
    private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);
    /** Every request gets its response within two seconds. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(1_500);
    /**
     * Below this, PostgreSQL accepts small changes for a while, because it allocates its log ahead, and refuses all
     * others.
     */
    private static final long LEAST_SPACE = 16L * 1024 * 1024;

    private final Database db;
    private final Cluster cluster;
    private final Optional<Path> disk;

    /** @param disk a folder on the disk of the database, if that is one of this machine */
    public Readiness(Database db, Cluster cluster, Optional<Path> disk) {
        this.db = db;
        this.cluster = cluster;
        this.disk = disk;
    }

    /** The reason why this server cannot work. Determined by writing a heartbeat. */
    Optional<Outage> outage() throws InterruptedException {
        if (disk.filter(Readiness::isFull).isPresent()) {
            return Optional.of(Outage.DISK_FULL);
        }
        if (db.isAway()) {
            return Optional.of(Outage.AWAY);
        }
        var attempt = new FutureTask<>(cluster::heartbeat);
        Thread.ofVirtual().name("ready").start(attempt);
        try {
            attempt.get(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
            return Optional.empty();
        } catch (TimeoutException _) {
            return Optional.of(Outage.AWAY);
        } catch (ExecutionException e) {
            return Optional.of(Outage.behind(e).orElse(Outage.AWAY));
        }
    }

    private static boolean isFull(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace() < LEAST_SPACE;
        } catch (IOException e) {
            LOG.warn("The free space of {} cannot be read: {}", folder, e.getMessage());
            return false;
        }
    }
}
