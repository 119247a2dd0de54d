package dev.millrace.server.run;

import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.schedule.Schedule;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The table {@code run}: executions as shown to people. */
final class RunStore {
    private static final Sql BEGIN = Sql.of("""
            INSERT INTO run (operation, environment_id, connection_id, function_id, sync_id, kind, type, status,
                   started_at, updated_at, cancelled, task, process, metadata_version, metadata_seen)
            SELECT :operation, :environment, :connection, :function, :sync::uuid, :kind, :type, 'RUNNING', :now, :now,
                   :unwanted, :task, :process, m.version, m.version
              FROM (SELECT coalesce(:pinned::bigint, (SELECT version FROM metadata WHERE connection_id = :connection), 0))
                   AS m (version)
            RETURNING id, lease
            """);
    private static final String PROGRESS = """
            UPDATE run SET result = :result::jsonb, updated_at = :now
             WHERE id = :id AND lease = :lease AND status = 'RUNNING'
            """;
    private static final Sql END = Sql.of("""
            UPDATE run
               SET status = :status, result = :result::jsonb, error = :error::jsonb, checkpoints = :checkpoints::jsonb,
                   updated_at = :now, finished_at = :now,
                   metadata_changed = metadata_changed OR (:held AND metadata_seen <>
                     coalesce((SELECT m.version FROM metadata m WHERE m.connection_id = run.connection_id), 0))
             WHERE id = :id AND lease = :lease AND status = 'RUNNING'
            RETURNING metadata_changed
            """);
    private static final String STALE = """
            SELECT metadata_seen <>
                     coalesce((SELECT m.version FROM metadata m WHERE m.connection_id = run.connection_id), 0)
              FROM run
             WHERE id = :id
            """;
    // Waits for writes that are being committed under the lease, and blocks later ones (RunLease).
    private static final String LOST =
            "SELECT id, operation, environment_id FROM run WHERE task = :task AND status = 'RUNNING' FOR UPDATE";
    private static final String CLOSE_LOST = """
            UPDATE run
               SET status = 'STOPPED', lease = nextval('run_lease'), updated_at = :now, finished_at = :now,
                   error = :error::jsonb
             WHERE id = ANY(:ids)
            """;
    private static final String CLOSE_DEAD = """
            UPDATE run
               SET status = 'STOPPED', lease = nextval('run_lease'), updated_at = :now, finished_at = :now,
                   error = :error::jsonb
             WHERE status = 'RUNNING' AND task IS NULL AND process = :process
            """;
    private static final String OWNERS = """
            SELECT DISTINCT process FROM run WHERE status = 'RUNNING' AND task IS NULL AND process IS NOT NULL LIMIT 1000
            """;
    private static final Sql ABANDON = Sql.of("""
            UPDATE run
               SET status = 'STOPPED', updated_at = :now, finished_at = :now, error = :error::jsonb
             WHERE id = :id AND lease = :lease AND status = 'RUNNING'
            """);
    private static final Sql ABANDON_UNSEEN = Sql.of("""
            UPDATE run
               SET status = 'STOPPED', updated_at = :now, finished_at = :now, error = :error::jsonb
             WHERE operation = :operation AND process = :process AND status = 'RUNNING' AND task IS NULL
            """);
    private static final Sql ENDED =
            Sql.of("SELECT metadata_changed FROM run WHERE id = :id AND lease = :lease AND status <> 'RUNNING'");
    private static final String FREE_LOCKS = "DELETE FROM function_lock WHERE owner = ANY(:owners)";

    private static final String METADATA_SEEN =
            "UPDATE run SET metadata_seen = :version WHERE id = :id AND metadata_seen = :version - 1";
    private static final String METADATA_CHANGED = "UPDATE run SET metadata_changed = true WHERE id = :id";
    private static final String REMOVE_OF_SYNCS = """
            DELETE FROM run
             WHERE id IN (SELECT r.id
                            FROM unnest(:syncs::uuid[]) AS s (id) JOIN run r ON r.sync_id = s.id
                           WHERE r.updated_at < :before
                           ORDER BY r.id
                           LIMIT :most
                             FOR UPDATE OF r SKIP LOCKED)
            """;
    private static final String ANY_OF_SYNCS = """
            SELECT s.id
              FROM unnest(:syncs::uuid[]) AS s (id)
             WHERE EXISTS (SELECT FROM run WHERE sync_id = s.id)
            """;

    private static final String CANCEL =
            "UPDATE run SET cancelled = true WHERE sync_id = :sync AND kind = 'sync' AND status = 'RUNNING'";
    private static final String CANCEL_ALL =
            "UPDATE run SET cancelled = true WHERE sync_id = :sync AND status = 'RUNNING'";
    private static final String WANTED = """
            SELECT id, lease FROM run WHERE id = ANY(:ids) AND status = 'RUNNING' AND NOT cancelled
            """;

    private final Database db;
    private final Cluster cluster;

    RunStore(Database db, Cluster cluster) {
        this.db = db;
        this.cluster = cluster;
    }

    /**
     * A run that has ended because its process was lost.
     *
     * @param operation its log
     */
    record Lost(long id, UUID operation, long environment) {}

    /** Begins a run, if this process still holds the task. */
    RunLease begin(Work work, UUID operation, String type, Instant now) {
        if (work.sync().isEmpty()
                && work.claim().isEmpty()
                && RunLease.current().isEmpty()) {
            return db.first(BEGIN, p -> begin(p, work, operation, type, now, false), RunStore::lease)
                    .orElseThrow();
        }
        return db.inTransaction(handle -> {
            boolean unwanted =
                    work.sync().filter(sync -> sync.unwanted().in(handle)).isPresent();
            work.claim().ifPresent(claim -> claim.check(handle));
            // The run whose function calls this one.
            RunLease.check(handle);
            return BEGIN.first(handle, p -> begin(p, work, operation, type, now, unwanted), RunStore::lease)
                    .orElseThrow();
        });
    }

    private static RunLease lease(ResultSet row) throws SQLException {
        return new RunLease(row.getLong(1), row.getLong(2));
    }

    /** Takes over what earlier claims of the task left running: those runs end, and their leases become invalid. */
    List<Lost> takeOver(Handle handle, Schedule.Claim claim, String error, Instant now) {
        var lost = handle.createQuery(LOST)
                .bind("task", claim.task())
                .map((row, _) -> new Lost(
                        row.getLong("id"), row.getObject("operation", UUID.class), row.getLong("environment_id")))
                .list();
        if (!lost.isEmpty()) {
            handle.createUpdate(CLOSE_LOST)
                    .bindArray("ids", Long.class, lost.stream().map(Lost::id).toList())
                    .bind("error", error)
                    .bind("now", Timestamp.from(now))
                    .execute();
            cluster.send(handle, CancelScopes.TOPIC, claim.task());
            handle.createUpdate(FREE_LOCKS)
                    .bindArray(
                            "owners",
                            String.class,
                            lost.stream().map(run -> run.operation().toString()).toList())
                    .execute();
        }
        return lost;
    }

    /** Ends the runs of a lost server that belong to no task. */
    void died(Handle handle, UUID process, String error, Instant now) {
        handle.createUpdate(CLOSE_DEAD)
                .bind("process", process)
                .bind("error", error)
                .bind("now", Timestamp.from(now))
                .execute();
    }

    /** The processes with running runs that belong to no task. */
    List<UUID> owners() {
        return db.withHandle(
                handle -> handle.createQuery(OWNERS).mapTo(UUID.class).list());
    }

    /** Ends a run and stores only its status. */
    void abandon(RunLease lease, String error, Instant now, Optional<Consumer<Handle>> also) {
        db.useTransaction(handle -> {
            int rows = ABANDON.update(
                    handle,
                    p -> p.set("id", lease.run())
                            .set("lease", lease.token())
                            .set("error", error)
                            .set("now", Timestamp.from(now)));
            also.filter(_ -> rows > 0).ifPresent(work -> work.accept(handle));
        });
    }

    /** The same for a run of this process whose beginning was not confirmed, if it exists. */
    void abandon(UUID operation, String error, Instant now) {
        db.update(
                ABANDON_UNSEEN,
                p -> p.set("operation", operation)
                        .set("process", cluster.process())
                        .set("error", error)
                        .set("now", Timestamp.from(now)));
    }

    private void begin(Sql.Parameters p, Work work, UUID operation, String type, Instant now, boolean unwanted)
            throws SQLException {
        p.set("operation", operation)
                .set("environment", work.connection().environmentId())
                .set("connection", work.connection().id())
                .set("function", work.function().id())
                .set("sync", work.sync().map(Work.Sync::id).orElse(null))
                .set("kind", work.type().wire())
                .set("type", type)
                .set("now", Timestamp.from(now))
                .set("unwanted", unwanted)
                .set("process", cluster.process())
                .set("task", work.claim().map(Schedule.Claim::task).orElse(null))
                .set("pinned", pinned(work));
    }

    private static @Nullable Long pinned(Work work) {
        var version = work.sync().map(Work.Sync::metadataVersion).orElse(OptionalLong.empty());
        return version.isPresent() ? version.getAsLong() : null;
    }

    /** Stores the progress of the run; throws when another process has taken it over. */
    void progress(RunLease lease, String result, Instant now) {
        int rows = db.withHandle(handle -> handle.createUpdate(PROGRESS)
                .bind("id", lease.run())
                .bind("lease", lease.token())
                .bind("result", result)
                .bind("now", Timestamp.from(now))
                .execute());
        if (rows == 0) {
            throw lease.lost();
        }
    }

    /**
     * Ends a run.
     *
     * @param held whether the run ever had a checkpoint or an open delete-tracking window
     * @param also what belongs into the transaction that ends it
     * @return whether others changed the metadata under it; empty when another process has taken the run over, and
     * nothing is recorded then
     */
    Optional<Boolean> end(
            RunLease lease,
            boolean success,
            String result,
            Optional<String> error,
            Optional<String> checkpoints,
            boolean held,
            Instant now,
            Optional<Consumer<Handle>> also) {
        Sql.Binder end = p -> p.set("id", lease.run())
                .set("lease", lease.token())
                .set("status", success ? "SUCCESS" : "STOPPED")
                .set("result", result)
                .set("error", error.orElse(null))
                .set("checkpoints", checkpoints.orElse(null))
                .set("held", held)
                .set("now", Timestamp.from(now));
        return (also.isEmpty() ? db.first(END, end, RunStore::changed) : end(end, also.get()))
                // It may have been recorded already by a commit that was not confirmed.
                .or(() -> db.first(
                        ENDED, p -> p.set("id", lease.run()).set("lease", lease.token()), row -> row.getBoolean(1)));
    }

    private Optional<Boolean> end(Sql.Binder end, Consumer<Handle> also) {
        return db.inTransaction(handle -> {
            var changed = END.first(handle, end, RunStore::changed);
            changed.ifPresent(_ -> also.accept(handle));
            return changed;
        });
    }

    private static boolean changed(ResultSet row) throws SQLException {
        return row.getBoolean(1);
    }

    /** Whether others have changed the metadata since the run began. */
    boolean stale(long id) {
        return db.withHandle(handle -> handle.createQuery(STALE)
                .bind("id", id)
                .mapTo(Boolean.class)
                .findOne()
                .orElse(false));
    }

    void metadataSeen(Handle handle, long run, long version) {
        handle.createUpdate(METADATA_SEEN)
                .bind("id", run)
                .bind("version", version)
                .execute();
    }

    void metadataChanged(Handle handle, long run) {
        handle.createUpdate(METADATA_CHANGED).bind("id", run).execute();
    }

    int removeOf(Handle handle, Collection<UUID> syncs, Instant before, int most) {
        return handle.createUpdate(REMOVE_OF_SYNCS)
                .bindArray("syncs", UUID.class, syncs)
                .bind("before", Timestamp.from(before))
                .bind("most", most)
                .execute();
    }

    Set<UUID> anyOf(Handle handle, Collection<UUID> syncs) {
        return handle.createQuery(ANY_OF_SYNCS)
                .bindArray("syncs", UUID.class, syncs)
                .mapTo(UUID.class)
                .set();
    }

    /** Requests the end of a sync's run in any process, as part of the transaction. */
    void cancel(Handle handle, UUID sync) {
        if (handle.createUpdate(CANCEL).bind("sync", sync).execute() > 0) {
            cluster.send(handle, CancelScopes.TOPIC, sync.toString());
        }
    }

    /** The same for all its runs, those of its webhook function too. */
    void cancelAll(Handle handle, UUID sync) {
        if (handle.createUpdate(CANCEL_ALL).bind("sync", sync).execute() > 0) {
            cluster.send(handle, CancelScopes.TOPIC, sync.toString());
        }
    }

    /** Those of the given runs that still belong to this process and are not to be cancelled. */
    List<RunLease> wanted(Collection<RunLease> leases) {
        return db.withHandle(handle -> handle.createQuery(WANTED)
                .bindArray("ids", Long.class, leases.stream().map(RunLease::run).toList())
                .map((row, _) -> lease(row))
                .list());
    }
}
