package dev.millrace.server.log;

import dev.millrace.server.db.Database;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import tools.jackson.databind.node.ObjectNode;

/**
 * Searches operations and lines page by page. A page scans a limited number of rows, so a search for something rare
 * returns pages with few or no results and a cursor to continue. Thread-safe.
 */
final class LogSearch {
    private static final String SHOWN = """
            id::text, kind, status, integration, connection, function, variant, started_at, finished_at, error, lines,
                   dropped
            """;
    // The scan is limited by an index and LIMIT; the filters apply to the scanned rows.
    private static final String OPERATIONS = """
            WITH scanned AS (
              SELECT *
                FROM operation
               WHERE environment_id = :environment AND started_at >= :from AND started_at < :to
                 AND (started_at, id) < (:at, :id::uuid) %s
               ORDER BY started_at DESC, id DESC
               LIMIT :scan)
            SELECT true AS hit, %s
              FROM scanned
             WHERE (:kind::text IS NULL OR kind = :kind) AND (:status::text IS NULL OR status = :status)
               AND (:integration::text IS NULL OR integration = :integration)
               AND (:function::text IS NULL OR function = :function)
               AND (:level::int IS NULL
                    OR EXISTS (SELECT FROM unnest(lines) WITH ORDINALITY AS l (n, level) WHERE n > 0 AND level >= :level))
               AND (:text::text IS NULL OR strpos(lower(error), lower(:text)) > 0)
            UNION ALL
            (SELECT false, %s FROM scanned ORDER BY started_at, id LIMIT (SELECT (count(*) = :scan)::int FROM scanned))
            ORDER BY started_at DESC, id DESC, hit DESC
            LIMIT :limit
            """;
    private static final String RECENT = OPERATIONS.formatted("", SHOWN, SHOWN);
    private static final String OF_CONNECTION = OPERATIONS.formatted("AND connection = :connection", SHOWN, SHOWN);
    private static final String FAILED = OPERATIONS.formatted("AND status = 'failed'", SHOWN, SHOWN);
    private static final String ONE = """
            SELECT %s
              FROM operation
             WHERE environment_id = :environment AND id = :id::uuid
            """.formatted(SHOWN);
    private static final String LINES = """
            WITH scanned AS (
              SELECT id, operation, at, level, message, meta
                FROM log_line
               WHERE environment_id = :environment AND at >= :from AND at < :to AND (at, id) < (:at, :id::bigint)
               ORDER BY at DESC, id DESC
               LIMIT :scan)
            SELECT true AS hit, s.id::text, s.operation::text, s.at, s.level, s.message, s.meta
              FROM scanned s LEFT JOIN operation o ON o.id = s.operation
             WHERE (:kind::text IS NULL OR o.kind = :kind) AND (:status::text IS NULL OR o.status = :status)
               AND (:integration::text IS NULL OR o.integration = :integration)
               AND (:connection::text IS NULL OR o.connection = :connection)
               AND (:function::text IS NULL OR o.function = :function)
               AND s.level = ANY(:levels)
               AND (:text::text IS NULL OR strpos(lower(concat(s.message, ' ', s.meta)), lower(:text)) > 0)
            UNION ALL
            (SELECT false, id::text, operation::text, at, level, message, meta
               FROM scanned ORDER BY at, id LIMIT (SELECT (count(*) = :scan)::int FROM scanned))
            ORDER BY at DESC, id DESC, hit DESC
            LIMIT :limit
            """;
    private static final String OF_OPERATION = """
            SELECT true AS hit, id::text, operation::text, at, level, message, meta
              FROM log_line
             WHERE operation = :operation::uuid AND environment_id = :environment
               AND at >= :from AND at < :to AND (at, id) > (:at, :id::bigint)
               AND level = ANY(:levels)
               AND (:text::text IS NULL OR strpos(lower(concat(message, ' ', meta)), lower(:text)) > 0)
             ORDER BY at, id
             LIMIT :limit
            """;
    private static final Instant FIRST = Instant.EPOCH;
    private static final Instant LAST = Instant.parse("9999-01-01T00:00:00Z");
    private static final String HIGHEST_UUID = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    private static final int SCAN = 20_000;

    private final Database db;

    LogSearch(Database db) {
        this.db = db;
    }

    /** @param next cursor for the next page, if there may be one */
    record Page(List<ObjectNode> items, Optional<Cursor> next) {}

    private record Row(boolean hit, Cursor place, ObjectNode shown) {}

    /** Newest first. */
    Page operations(Filter filter, Optional<Cursor> after, int limit) {
        var sql = filter.connection().isPresent()
                ? OF_CONNECTION
                : filter.status().filter("failed"::equals).isPresent() ? FAILED : RECENT;
        return page(
                handle -> {
                    var query = bound(handle, sql, filter, after.orElse(new Cursor(LAST, HIGHEST_UUID)), limit);
                    // PostgreSQL arrays start at 1.
                    var level = filter.level().map(l -> Level.words().indexOf(l) + 1);
                    return query.bind("scan", SCAN)
                            .bind("level", level.orElse(null))
                            .map((row, _) -> new Row(row.getBoolean("hit"), place(row, "started_at"), operation(row)))
                            .list();
                },
                limit);
    }

    /** Newest first. */
    Page lines(Filter filter, Optional<Cursor> after, int limit) {
        return page(
                handle -> rows(bound(
                                handle,
                                LINES,
                                filter,
                                after.orElse(new Cursor(LAST, String.valueOf(Long.MAX_VALUE))),
                                limit)
                        .bind("scan", SCAN)
                        .bindArray("levels", String.class, levels(filter))),
                limit);
    }

    /** Lines of one operation, in the order in which they were written. */
    Page lines(UUID operation, Filter filter, Optional<Cursor> after, int limit) {
        return page(
                handle -> rows(bound(handle, OF_OPERATION, filter, after.orElse(new Cursor(FIRST, "0")), limit)
                        .bind("operation", operation.toString())
                        .bindArray("levels", String.class, levels(filter))),
                limit);
    }

    Optional<ObjectNode> operation(long environment, UUID id) {
        return db.withHandle(handle -> handle.createQuery(ONE)
                .bind("environment", environment)
                .bind("id", id.toString())
                .map((row, _) -> operation(row))
                .findOne());
    }

    private static List<String> levels(Filter filter) {
        int least = filter.level().map(Level.words()::indexOf).orElse(0);
        return Level.words().subList(least, Level.words().size());
    }

    private static List<Row> rows(Query query) {
        return query.map((row, _) -> new Row(row.getBoolean("hit"), place(row, "at"), line(row)))
                .list();
    }

    private interface Ask {
        List<Row> of(Handle handle);
    }

    /** Fetches one more than requested, to know whether there is another page. */
    private Page page(Ask ask, int limit) {
        var rows = db.withHandle(ask::of);
        var items = new ArrayList<ObjectNode>();
        Optional<Cursor> next = Optional.empty();
        var last = Optional.<Cursor>empty();
        for (var row : rows) {
            if (row.hit() && items.size() == limit) {
                next = last;
                break;
            }
            last = Optional.of(row.place());
            if (row.hit()) {
                items.add(row.shown());
            } else {
                next = last;
            }
        }
        return new Page(items, next);
    }

    private static Query bound(Handle handle, String sql, Filter filter, Cursor after, int limit) {
        return handle.createQuery(sql)
                .bind("environment", filter.environment())
                .bind("kind", filter.kind().orElse(null))
                .bind("status", filter.status().orElse(null))
                .bind("integration", filter.integration().orElse(null))
                .bind("connection", filter.connection().orElse(null))
                .bind("function", filter.function().orElse(null))
                .bind("text", filter.text().orElse(null))
                .bind("from", Timestamp.from(filter.from().orElse(FIRST)))
                .bind("to", Timestamp.from(filter.to().orElse(LAST)))
                .bind("at", Timestamp.from(after.at()))
                .bind("id", after.id())
                .bind("limit", limit + 1);
    }

    private static Cursor place(ResultSet row, String time) throws SQLException {
        return new Cursor(row.getTimestamp(time).toInstant(), row.getString("id"));
    }

    private static ObjectNode line(ResultSet row) throws SQLException {
        var meta = row.getString("meta");
        var node = Json.object()
                .put("operation_id", row.getString("operation"))
                .put("at", Times.utc(row.getTimestamp("at").toInstant()))
                .put("level", row.getString("level"))
                .put("message", row.getString("message"));
        node.set("meta", meta == null ? node.nullNode() : Json.parse(meta));
        return node;
    }

    private static ObjectNode operation(ResultSet row) throws SQLException {
        var started = row.getTimestamp("started_at").toInstant();
        var finished = Optional.ofNullable(row.getTimestamp("finished_at")).map(Timestamp::toInstant);
        var error = row.getString("error");
        var node = Json.object()
                .put("id", row.getString("id"))
                .put("kind", row.getString("kind"))
                .put("status", row.getString("status"))
                .put("provider_config_key", row.getString("integration"))
                .put("connection_id", row.getString("connection"))
                .put("function", row.getString("function"))
                .put("variant", row.getString("variant"))
                .put("started_at", Times.utc(started))
                .put("finished_at", finished.map(Times::utc).orElse(null))
                .put(
                        "duration_ms",
                        finished.map(f -> f.toEpochMilli() - started.toEpochMilli())
                                .orElse(null));
        node.set("error", error == null ? node.nullNode() : Json.parse(error));
        var counts = (Integer[]) row.getArray("lines").getArray();
        var lines = node.putObject("lines");
        for (int i = 0; i < counts.length; i++) {
            lines.put(Level.words().get(i), counts[i]);
        }
        return node.put("dropped_lines", row.getInt("dropped"));
    }
}
