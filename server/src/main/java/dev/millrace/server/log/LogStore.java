package dev.millrace.server.log;

import dev.millrace.server.db.Database;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Writes and deletes operations and their lines. Thread-safe. */
final class LogStore {
    private static final String LINES = """
            INSERT INTO log_line (environment_id, operation, at, level, message, meta)
            SELECT *
              FROM unnest(:environment::bigint[], :operation::uuid[], :at::timestamptz[], :level::text[],
                          :message::text[], :meta::text[])
            """;
    private static final String OPERATIONS = """
            INSERT INTO operation (id, environment_id, kind, integration, connection, function, variant, process, status,
                   started_at, finished_at, error, lines, dropped)
            SELECT o.id, o.environment, o.kind, o.integration, o.connection, o.function, o.variant, :process, o.status,
                   o.started, o.finished, o.error, ARRAY[o.debugs, o.infos, o.warns, o.errors], o.dropped
              FROM unnest(:id::uuid[], :environment::bigint[], :kind::text[], :integration::text[], :connection::text[],
                          :function::text[], :variant::text[], :status::text[], :started::timestamptz[],
                          :finished::timestamptz[], :error::text[], :debugs::int[], :infos::int[], :warns::int[],
                          :errors::int[], :dropped::int[])
                   AS o (id, environment, kind, integration, connection, function, variant, status, started, finished,
                         error, debugs, infos, warns, errors, dropped)
            ON CONFLICT (id) DO UPDATE
               SET status = CASE WHEN excluded.status = 'running' THEN operation.status ELSE excluded.status END,
                   finished_at = coalesce(excluded.finished_at, operation.finished_at),
                   error = coalesce(excluded.error, operation.error),
                   lines = excluded.lines, dropped = excluded.dropped
            """;
    private static final String INTERRUPT = """
            UPDATE operation
               SET status = 'interrupted', finished_at = :now, error = :error
             WHERE id = :id AND status = 'running'
            """;
    // Operations of a task are continued by another server.
    private static final String LOST = """
            UPDATE operation
               SET status = CASE WHEN kind IN ('action', 'proxy') THEN 'failed' ELSE 'interrupted' END,
                   finished_at = :now,
                   error = CASE WHEN kind IN ('action', 'proxy')
                                THEN '{"type":"function_runtime_other","message":"The server stopped while this ran."}'
                                ELSE :error END
             WHERE status = 'running' AND process = :process
            """;
    private static final String LOST_WITHOUT_TRACE = """
            UPDATE operation
               SET status = 'failed', finished_at = :now,
                   error = '{"type":"function_runtime_other","message":"The server stopped while this ran."}'
             WHERE status = 'running' AND started_at < :before
            """;
    private static final String REMOVE_LINES = """
            DELETE FROM log_line
             WHERE (environment_id, at, id) IN (
                   SELECT environment_id, at, id
                     FROM log_line
                    WHERE environment_id = :environment AND at < :before
                    ORDER BY at, id
                    LIMIT :limit)
            """;
    private static final String REMOVE_OPERATIONS = """
            DELETE FROM operation
             WHERE id IN (
                   SELECT id
                     FROM operation
                    WHERE environment_id = :environment AND started_at < :before
                    ORDER BY started_at, id
                    LIMIT :limit)
            """;
    // No operation lasts longer than a day.
    private static final Duration LONGEST = Duration.ofHours(25);

    private final Database db;
    private final UUID process;

    /** @param process id of the writing process */
    LogStore(Database db, UUID process) {
        this.db = db;
        this.process = process;
    }

    /** Operations are written first, so that a reader who finds a line also finds its operation. */
    void write(List<OperationState> operations, List<Entry> lines) {
        db.useTransaction(handle -> {
            if (!operations.isEmpty()) {
                writeOperations(handle, operations);
            }
            if (!lines.isEmpty()) {
                writeLines(handle, lines);
            }
        });
    }

    void interrupt(Handle handle, UUID operation, String error, Instant now) {
        handle.createUpdate(INTERRUPT)
                .bind("id", operation)
                .bind("error", error)
                .bind("now", Timestamp.from(now))
                .execute();
    }

    void note(Handle handle, Entry line) {
        writeLines(handle, List.of(line));
    }

    private static void writeLines(Handle handle, List<Entry> lines) {
        handle.createUpdate(LINES)
                .bind("environment", column(lines, Entry::environment))
                .bind("operation", column(lines, Entry::operation))
                .bind("at", column(lines, Entry::at))
                .bind("level", column(lines, line -> line.level().word()))
                .bind("message", column(lines, Entry::message))
                .bind("meta", column(lines, Entry::meta))
                .execute();
    }

    private void writeOperations(Handle handle, List<OperationState> rows) {
        var update = handle.createUpdate(OPERATIONS)
                .bind("process", process)
                .bind("id", column(rows, row -> row.operation().id()))
                .bind("environment", column(rows, row -> row.operation().environment()))
                .bind("kind", column(rows, row -> row.operation().kind()))
                .bind("integration", column(rows, row -> row.operation().integration()))
                .bind("connection", column(rows, row -> row.operation().connection()))
                .bind("function", column(rows, row -> row.operation().function().orElse(null)))
                .bind("variant", column(rows, row -> row.operation().variant().orElse(null)))
                .bind("status", column(rows, row -> row.status().word()))
                .bind("started", column(rows, row -> row.operation().startedAt()))
                .bind("finished", column(rows, row -> row.finishedAt().orElse(null)))
                .bind("error", column(rows, row -> row.error().orElse(null)))
                .bind("dropped", column(rows, OperationState::dropped));
        for (var level : Level.values()) {
            update.bind(level.word() + 's', column(rows, row -> row.lines().getOrDefault(level, 0)));
        }
        update.execute();
    }

    /** A column as an array of texts, which the statement casts. */
    private static <T> @Nullable String[] column(Collection<T> rows, Function<T, @Nullable Object> value) {
        return rows.stream()
                .map(row -> {
                    var cell = value.apply(row);
                    return cell == null ? null : cell.toString();
                })
                .toArray(String[]::new);
    }

    /** Ends the operations of a process that is gone. */
    void endLost(Handle handle, UUID of, String error, Instant now) {
        handle.createUpdate(LOST)
                .bind("process", of)
                .bind("error", error)
                .bind("now", Timestamp.from(now))
                .execute();
    }

    /** Ends the operations of processes that are gone and were never cleaned up. */
    void endForgotten(Instant now) {
        db.useHandle(handle -> handle.createUpdate(LOST_WITHOUT_TRACE)
                .bind("before", Timestamp.from(now.minus(LONGEST)))
                .bind("now", Timestamp.from(now))
                .execute());
    }

    /** Deletes older ones, oldest first; false when there may be more. */
    boolean remove(long environment, Instant before, int limit) {
        return remove(REMOVE_LINES, environment, before, limit) < limit
                && remove(REMOVE_OPERATIONS, environment, before, limit) < limit;
    }

    private int remove(String sql, long environment, Instant before, int limit) {
        return db.withHandle(handle -> handle.createUpdate(sql)
                .bind("environment", environment)
                .bind("before", Timestamp.from(before))
                .bind("limit", limit)
                .execute());
    }
}
