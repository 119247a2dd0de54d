package dev.millrace.server.log;

import dev.millrace.server.db.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What happens in an environment as a whole: how many operations succeed and fail, what runs, what fails why. Thread-safe. */
public final class Activity {
    // One range of the index for each step: sorting all operations of a day into steps takes ten times as long.
    private static final String SLOTS = """
            SELECT s.slot, o.done, o.failed
              FROM generate_series(0, :steps - 1) AS s (slot)
             CROSS JOIN LATERAL (
                   SELECT count(*) FILTER (WHERE status = 'success') AS done,
                          count(*) FILTER (WHERE status = 'failed') AS failed
                     FROM operation
                    WHERE environment_id = :environment
                      AND started_at >= :from::timestamptz + s.slot * :seconds * interval '1 second'
                      AND started_at < :from::timestamptz + (s.slot + 1) * :seconds * interval '1 second') o
             ORDER BY s.slot
            """;
    private static final String NAMES = "id, kind, integration, connection, function, variant, started_at, error";
    // The index of all running operations is short.
    private static final String RUNNING = "SELECT " + NAMES + """
              FROM operation
             WHERE status = 'running' AND environment_id = :environment
             ORDER BY started_at DESC, id DESC
             LIMIT :most
            """;
    private static final String RUNNING_COUNT =
            "SELECT count(*) FROM operation WHERE status = 'running' AND environment_id = :environment";
    private static final String BY_ID = "SELECT " + NAMES + """
              FROM operation
             WHERE environment_id = :environment AND id = ANY (:ids)
             ORDER BY started_at DESC, id DESC
            """;
    private static final String CAUSES = """
            WITH failed AS (
              SELECT kind, integration, connection, function, error, started_at
                FROM operation
               WHERE environment_id = :environment AND status = 'failed' AND started_at >= :from
               ORDER BY started_at DESC, id DESC
               LIMIT :scan)
            SELECT min(error) AS error, array_agg(DISTINCT integration || ', ' || coalesce(function, kind)) AS places,
                   count(*) AS failed, count(DISTINCT (integration, connection)) AS connections, min(started_at) AS first,
                   max(started_at) AS last
              FROM failed
             GROUP BY left(error, 200)
             ORDER BY count(*) DESC, max(started_at) DESC
             LIMIT :most
            """;
    private static final int SCAN = 20_000;

    private final Database db;

    public Activity(Database db) {
        this.db = db;
    }

    /** @param index from the beginning, 0 first */
    public record Slot(int index, long done, long failed) {}

    /**
     * An operation by its names.
     *
     * @param error JSON text
     */
    public record Named(
            UUID id,
            String kind,
            String integration,
            String connection,
            Optional<String> function,
            Optional<String> variant,
            Instant startedAt,
            Optional<String> error) {}

    /**
     * Failures that have the same cause.
     *
     * @param error JSON text of one of them
     * @param places where they happened: integration and function
     */
    public record Cause(
            Optional<String> error, List<String> places, long failed, long connections, Instant first, Instant last) {
        public Cause {
            places = List.copyOf(places);
        }
    }

    /** Operations that began in each of the steps from a time on. */
    public List<Slot> slots(long environment, Instant from, Duration step, int steps) {
        return db.withHandle(handle -> handle.createQuery(SLOTS)
                .bind("environment", environment)
                .bind("from", Timestamp.from(from))
                .bind("steps", steps)
                .bind("seconds", step.toSeconds())
                .map((row, _) -> new Slot(row.getInt("slot"), row.getLong("done"), row.getLong("failed")))
                .list());
    }

    /** Newest first. */
    public List<Named> running(long environment, int most) {
        return db.withHandle(handle -> handle.createQuery(RUNNING)
                .bind("environment", environment)
                .bind("most", most)
                .map((row, _) -> named(row))
                .list());
    }

    public long runningCount(long environment) {
        return db.withHandle(handle -> handle.createQuery(RUNNING_COUNT)
                .bind("environment", environment)
                .mapTo(Long.class)
                .one());
    }

    /** Those of the operations that still have a log, newest first. */
    public List<Named> named(long environment, Collection<UUID> ids) {
        return db.withHandle(handle -> handle.createQuery(BY_ID)
                .bind("environment", environment)
                .bindArray("ids", UUID.class, ids)
                .map((row, _) -> named(row))
                .list());
    }

    /** The most frequent causes of failures since a time. */
    public List<Cause> causes(long environment, Instant from, int most) {
        return db.withHandle(handle -> handle.createQuery(CAUSES)
                .bind("environment", environment)
                .bind("from", Timestamp.from(from))
                .bind("scan", SCAN)
                .bind("most", most)
                .map((row, _) -> new Cause(
                        Optional.ofNullable(row.getString("error")),
                        List.of((String[]) row.getArray("places").getArray()),
                        row.getLong("failed"),
                        row.getLong("connections"),
                        row.getTimestamp("first").toInstant(),
                        row.getTimestamp("last").toInstant()))
                .list());
    }

    private static Named named(ResultSet row) throws SQLException {
        return new Named(
                row.getObject("id", UUID.class),
                row.getString("kind"),
                row.getString("integration"),
                row.getString("connection"),
                Optional.ofNullable(row.getString("function")),
                Optional.ofNullable(row.getString("variant")),
                row.getTimestamp("started_at").toInstant(),
                Optional.ofNullable(row.getString("error")));
    }
}
