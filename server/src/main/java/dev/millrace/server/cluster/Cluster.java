package dev.millrace.server.cluster;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.Outage;
import dev.millrace.server.db.Sql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servers on one database. Each of them says every second that it lives; whoever was silent for ten seconds counts as
 * dead, and one of the others sees to what it has left. That it may live all the same is what leases are for. All times are
 * the database's. Thread-safe.
 */
public final class Cluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** With less, PostgreSQL still takes small changes for a while, since it allocates its log ahead, and refuses all others. */
    private static final long LEAST_SPACE = 16L * 1024 * 1024;

    private static final Sql LIVE = Sql.of("""
            INSERT INTO server (node, process, version, started_at, seen_at)
            VALUES (:node, :process, :version, now(), now())
            ON CONFLICT (node) DO UPDATE
               SET seen_at = excluded.seen_at, version = excluded.version, process = excluded.process,
                   started_at = CASE WHEN server.process = excluded.process THEN server.started_at
                                     ELSE excluded.started_at END
            RETURNING (SELECT count(*) FROM server WHERE seen_at < now() - interval '10 seconds') AS silent
            """);
    private static final String BURY = """
            DELETE FROM server
             WHERE seen_at < now() - interval '10 seconds' AND node <> :node
            RETURNING node
            """;
    private static final String LEAVE = "DELETE FROM server WHERE node = :node AND process = :process";
    private static final String ALL = "SELECT node, version, started_at, seen_at FROM server ORDER BY node LIMIT 1000";

    private final Database db;
    private final String node;
    private final String version;
    private final Optional<Path> disk;
    private final UUID process = UUID.randomUUID();
    private final List<Heir> heirs = new ArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread beating;
    private boolean told;

    /** Sees to what a dead server has left, in the transaction that removes it. */
    @FunctionalInterface
    public interface Heir {
        void died(Handle handle, String node);
    }

    /**
     * Lives from {@link #begin} on.
     *
     * @param node the name of this process, the same after a restart on the same data folder
     * @param disk a folder on the disk of the database, if that is one of this machine
     */
    public Cluster(Database db, String node, String version, Optional<Path> disk) {
        this.db = db;
        this.node = node;
        this.version = version;
        this.disk = disk;
        this.beating = Thread.ofVirtual().name("cluster").unstarted(this::keepBeating);
    }

    /** Before it begins. */
    public void onDeath(Heir heir) {
        heirs.add(heir);
    }

    public void begin() {
        beating.start();
        beat();
    }

    private void keepBeating() {
        try {
            while (!closing.await(BEAT.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    if (beat() > 0) {
                        bury();
                    }
                    told = false;
                } catch (RuntimeException e) {
                    tell(e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(RuntimeException e) {
        if (!told) {
            told = true;
            LOG.warn("cannot tell the other servers that this one lives: {}", e.getMessage());
        }
    }

    /** How many others are silent. */
    private long beat() {
        return db.first(
                        LIVE,
                        p -> p.set("node", node).set("process", process).set("version", version),
                        row -> row.getLong(1))
                .orElseThrow();
    }

    private void bury() {
        db.useTransaction(handle -> {
            var dead = handle.createQuery(BURY)
                    .bind("node", node)
                    .mapTo(String.class)
                    .list();
            for (var other : dead) {
                LOG.warn("nothing is heard of server {} any more: others go on with its work", other);
                heirs.forEach(heir -> heir.died(handle, other));
            }
        });
    }

    public List<LiveServer> servers() {
        return db.withHandle(handle -> handle.createQuery(ALL)
                .map((row, _) -> new LiveServer(
                        row.getString("node"),
                        row.getString("version"),
                        row.getTimestamp("started_at").toInstant(),
                        row.getTimestamp("seen_at").toInstant()))
                .list());
    }

    private static boolean isFull(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace() < LEAST_SPACE;
        } catch (IOException e) {
            LOG.warn("the free space of {} cannot be read: {}", folder, e.getMessage());
            return false;
        }
    }

    /** What keeps this server from its work: it tries to write that it lives, for two seconds at most. */
    public Optional<Outage> outage() throws InterruptedException {
        if (disk.filter(Cluster::isFull).isPresent()) {
            return Optional.of(Outage.DISK_FULL);
        }
        var attempt = new FutureTask<>(this::beat);
        Thread.ofVirtual().name("ready").start(attempt);
        try {
            attempt.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return Optional.empty();
        } catch (TimeoutException _) {
            return Optional.of(Outage.AWAY);
        } catch (ExecutionException e) {
            return Optional.of(Outage.behind(e).orElse(Outage.AWAY));
        }
    }

    /** Says that it goes. */
    @Override
    public void close() {
        closing.countDown();
        try {
            beating.join();
            db.useHandle(handle -> handle.createUpdate(LEAVE)
                    .bind("node", node)
                    .bind("process", process)
                    .execute());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("cannot tell the other servers that this one goes: {}", e.getMessage());
        }
    }
}
