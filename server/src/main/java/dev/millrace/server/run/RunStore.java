package dev.millrace.server.run;

import dev.millrace.server.db.Database;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** The run table: what people see of an execution. */
final class RunStore {
    private static final String BEGIN = """
            INSERT INTO run (operation, environment_id, connection_id, function_id, sync_id, kind, type, status,
                   started_at, updated_at)
            VALUES (:operation, :environment, :connection, :function, :sync::uuid, :kind, :type, 'RUNNING', :now, :now)
            RETURNING id
            """;
    private static final String PROGRESS =
            "UPDATE run SET result = :result::jsonb, updated_at = :now WHERE id = :id AND status = 'RUNNING'";
    private static final String END = """
            UPDATE run
               SET status = :status, result = :result::jsonb, error = :error::jsonb, checkpoints = :checkpoints::jsonb,
                   updated_at = :now, finished_at = :now
             WHERE id = :id AND status = 'RUNNING'
            """;
    // A run of the same sync that still says RUNNING belongs to a process that is gone.
    private static final String CLOSE_LOST = """
            UPDATE run
               SET status = 'STOPPED', updated_at = :now, finished_at = :now,
                   error = '{"type": "function_runtime_other", "message": "The server stopped while this ran."}'
             WHERE sync_id = :sync AND kind = 'sync' AND status = 'RUNNING'
            """;

    private static final String LAST = """
            SELECT r.type, r.status, r.result::text, r.updated_at
              FROM run r
             WHERE r.sync_id = :sync
             ORDER BY r.id DESC
             LIMIT 1
            """;

    private final Database db;

    RunStore(Database db) {
        this.db = db;
    }

    long begin(Work work, UUID operation, String type, Instant now) {
        return db.inTransaction(handle -> {
            var sync = work.sync().map(Work.Sync::id).orElse(null);
            if (sync != null) {
                handle.createUpdate(CLOSE_LOST)
                        .bind("sync", sync)
                        .bind("now", Timestamp.from(now))
                        .execute();
            }
            return handle.createQuery(BEGIN)
                    .bind("operation", operation)
                    .bind("environment", work.connection().environmentId())
                    .bind("connection", work.connection().id())
                    .bind("function", work.function().id())
                    .bind("sync", sync)
                    .bind("kind", work.type().wire())
                    .bind("type", type)
                    .bind("now", Timestamp.from(now))
                    .mapTo(Long.class)
                    .one();
        });
    }

    void progress(long id, String result, Instant now) {
        db.useHandle(handle -> handle.createUpdate(PROGRESS)
                .bind("id", id)
                .bind("result", result)
                .bind("now", Timestamp.from(now))
                .execute());
    }

    void end(
            long id,
            boolean success,
            String result,
            Optional<String> error,
            Optional<String> checkpoints,
            Instant now) {
        db.useHandle(handle -> handle.createUpdate(END)
                .bind("id", id)
                .bind("status", success ? "SUCCESS" : "STOPPED")
                .bind("result", result)
                .bind("error", error.orElse(null))
                .bind("checkpoints", checkpoints.orElse(null))
                .bind("now", Timestamp.from(now))
                .execute());
    }

    Optional<Runs.Last> last(UUID sync) {
        return db.withHandle(handle -> handle.createQuery(LAST)
                .bind("sync", sync)
                .map((row, _) -> new Runs.Last(
                        row.getString("type"),
                        row.getString("status"),
                        row.getString("result"),
                        row.getTimestamp("updated_at").toInstant()))
                .findOne());
    }
}
