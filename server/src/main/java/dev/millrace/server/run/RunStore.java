package dev.millrace.server.run;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The run table: what people see of an execution. */
final class RunStore {
    private static final Sql BEGIN = Sql.of("""
            INSERT INTO run (operation, environment_id, connection_id, function_id, sync_id, kind, type, status,
                   started_at, updated_at, cancelled, metadata_version, metadata_seen)
            SELECT :operation, :environment, :connection, :function, :sync::uuid, :kind, :type, 'RUNNING', :now, :now,
                   :unwanted, m.version, m.version
              FROM (SELECT coalesce(:pinned::bigint, (SELECT version FROM metadata WHERE connection_id = :connection), 0))
                   AS m (version)
            RETURNING id
            """);
    private static final String PROGRESS =
            "UPDATE run SET result = :result::jsonb, updated_at = :now WHERE id = :id AND status = 'RUNNING'";
    private static final Sql END = Sql.of("""
            UPDATE run
               SET status = :status, result = :result::jsonb, error = :error::jsonb, checkpoints = :checkpoints::jsonb,
                   updated_at = :now, finished_at = :now,
                   metadata_changed = metadata_changed OR (:held AND metadata_seen <>
                     coalesce((SELECT m.version FROM metadata m WHERE m.connection_id = run.connection_id), 0))
             WHERE id = :id AND status = 'RUNNING'
            RETURNING metadata_changed
            """);
    private static final String STALE = """
            SELECT metadata_seen <>
                     coalesce((SELECT m.version FROM metadata m WHERE m.connection_id = run.connection_id), 0)
              FROM run
             WHERE id = :id
            """;
    // Locks out who deletes the sync or asks for a reset: they see this run and cancel it, or it sees what they did.
    private static final String UNWANTED = "SELECT state = 'DELETED' OR reset FROM sync WHERE id = :sync FOR SHARE";
    // A run of the same sync that still says RUNNING belongs to a process that is gone.
    private static final String CLOSE_LOST = """
            UPDATE run
               SET status = 'STOPPED', updated_at = :now, finished_at = :now,
                   error = '{"type": "function_runtime_other", "message": "The server stopped while this ran."}'
             WHERE sync_id = :sync AND kind = 'sync' AND status = 'RUNNING'
            """;

    private static final String CANCEL =
            "UPDATE run SET cancelled = true WHERE sync_id = :sync AND kind = 'sync' AND status = 'RUNNING'";
    private static final String CANCELLED = "SELECT id FROM run WHERE id = ANY(:ids) AND cancelled";

    private final Database db;

    RunStore(Database db) {
        this.db = db;
    }

    long begin(Work work, UUID operation, String type, Instant now) {
        var sync = work.sync().map(Work.Sync::id).orElse(null);
        if (sync == null) {
            return db.first(BEGIN, p -> begin(p, work, operation, type, now, false), row -> row.getLong(1))
                    .orElseThrow();
        }
        return db.inTransaction(handle -> {
            boolean unwanted = handle.createQuery(UNWANTED)
                    .bind("sync", sync)
                    .mapTo(Boolean.class)
                    .one();
            handle.createUpdate(CLOSE_LOST)
                    .bind("sync", sync)
                    .bind("now", Timestamp.from(now))
                    .execute();
            return BEGIN.first(handle, p -> begin(p, work, operation, type, now, unwanted), row -> row.getLong(1))
                    .orElseThrow();
        });
    }

    private static void begin(Sql.Parameters p, Work work, UUID operation, String type, Instant now, boolean unwanted)
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
                .set("pinned", pinned(work));
    }

    private static @Nullable Long pinned(Work work) {
        var version = work.sync().map(Work.Sync::metadataVersion).orElse(OptionalLong.empty());
        return version.isPresent() ? version.getAsLong() : null;
    }

    void progress(long id, String result, Instant now) {
        db.useHandle(handle -> handle.createUpdate(PROGRESS)
                .bind("id", id)
                .bind("result", result)
                .bind("now", Timestamp.from(now))
                .execute());
    }

    /**
     * @param held whether the run ever had a checkpoint or an open delete-tracking window
     * @return whether others changed the metadata under it
     */
    boolean end(
            long id,
            boolean success,
            String result,
            Optional<String> error,
            Optional<String> checkpoints,
            boolean held,
            Instant now) {
        return db.first(
                        END,
                        p -> p.set("id", id)
                                .set("status", success ? "SUCCESS" : "STOPPED")
                                .set("result", result)
                                .set("error", error.orElse(null))
                                .set("checkpoints", checkpoints.orElse(null))
                                .set("held", held)
                                .set("now", Timestamp.from(now)),
                        row -> row.getBoolean(1))
                .orElse(false);
    }

    /** Whether others have changed the metadata since the run began. */
    boolean stale(long id) {
        return db.withHandle(handle -> handle.createQuery(STALE)
                .bind("id", id)
                .mapTo(Boolean.class)
                .findOne()
                .orElse(false));
    }

    /** Wishes the end of a sync's run, whichever process it is in; with the transaction. */
    void cancel(Handle handle, UUID sync) {
        handle.createUpdate(CANCEL).bind("sync", sync).execute();
    }

    /** Those of the given runs whose end is wished. */
    List<Long> cancelled(Collection<Long> ids) {
        return db.withHandle(handle -> handle.createQuery(CANCELLED)
                .bindArray("ids", Long.class, ids)
                .mapTo(Long.class)
                .list());
    }
}
