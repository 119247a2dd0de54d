package dev.millrace.server.webhook;

import dev.millrace.server.connection.ConnectionMatches.Found;
import dev.millrace.server.db.Sql;
import dev.millrace.server.encryption.SealedColumn;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** SQL of the tables {@code inbound_event} and {@code inbound_run}: stores events and tracks their runs. */
final class InboxStore {
    // The key includes the connections, because providers use one id for the deliveries of an event to several
    // connections. An unmatched event has no key: it is accepted again once its connection exists.
    private static final Sql ADD = Sql.of("""
            INSERT INTO inbound_event (uuid, environment_id, integration_id, integration, received_at, type, header_type,
                   provider_event_id, repeat_key, connections, headers, body, state, pending, failures)
            SELECT e.uuid, e.environment, e.integration, e.name, e.received, e.type, e.header_type, e.provider_id,
                   CASE WHEN e.connections <> '{}' THEN sha256(convert_to(e.provider_id || ' ' || e.connections, 'UTF8')) END,
                   e.connections::bigint[], e.headers, e.body,
                   CASE WHEN e.connections = '{}' THEN 'unmatched' WHEN e.pending > 0 THEN 'waiting'
                        WHEN e.failures > 0 THEN 'failed' WHEN e.calls > 0 THEN 'done' ELSE 'unsubscribed' END,
                   e.pending, e.failures
              FROM unnest(:ids::uuid[], :environments::bigint[], :integrations::bigint[], :names::text[],
                          :received::timestamptz[], :types::text[], :headerTypes::text[], :providerIds::text[],
                          :connections::text[], :headers::bytea[], :bodies::bytea[], :pending::int[], :failures::int[],
                          :calls::int[])
                   WITH ORDINALITY AS e (uuid, environment, integration, name, received, type, header_type, provider_id,
                                         connections, headers, body, pending, failures,
                                         calls, place)
             ORDER BY e.place
            ON CONFLICT (integration_id, repeat_key) WHERE repeat_key IS NOT NULL DO NOTHING
            RETURNING id, uuid
            """);
    private static final Sql ADD_RUNS = Sql.of("""
            INSERT INTO inbound_run (event_id, environment_id, lane, connection_id, function, sync_id, state, attempts,
                   error, finished_at)
            SELECT r.event, r.environment, r.lane, r.connection, r.function, r.sync,
                   CASE WHEN r.sync IS NULL THEN 'failed' ELSE 'waiting' END, 0,
                   CASE WHEN r.sync IS NULL THEN :missing END,
                   CASE WHEN r.sync IS NULL THEN :now::timestamptz END
              FROM unnest(:events::bigint[], :environments::bigint[], :lanes::int[], :connections::bigint[],
                          :functions::text[], :syncs::uuid[])
                   WITH ORDINALITY AS r (event, environment, lane, connection, function, sync, place)
             ORDER BY r.place
            """);
    // Selects the first waiting run of each sync, with one index lookup per sync.
    private static final Sql NEXT = Sql.of("""
            WITH RECURSIVE head AS (
              (SELECT id, event_id, connection_id, function, sync_id, attempts
                 FROM inbound_run
                WHERE environment_id = :environment AND lane = :lane AND state = 'waiting' AND sync_id > :after::uuid
                ORDER BY sync_id, id
                LIMIT 1)
              UNION ALL
              SELECT n.*
                FROM head
               CROSS JOIN LATERAL (SELECT r.id, r.event_id, r.connection_id, r.function, r.sync_id, r.attempts
                                     FROM inbound_run r
                                    WHERE r.environment_id = :environment AND r.lane = :lane AND r.state = 'waiting'
                                      AND r.sync_id > head.sync_id
                                    ORDER BY r.sync_id, r.id
                                    LIMIT 1) n)
            SELECT id, event_id, connection_id, function, sync_id, attempts FROM head LIMIT :most
            """);
    private static final Sql ANY_WAITING = Sql.of("""
            SELECT EXISTS (SELECT FROM inbound_run
                            WHERE environment_id = :environment AND lane = :lane AND state = 'waiting')
            """);
    private static final Sql BODY = Sql.of("SELECT body FROM inbound_event WHERE id = :id");
    private static final Sql BEGUN =
            Sql.of("UPDATE inbound_run SET attempts = attempts + 1 WHERE id = :id AND state = 'waiting'");
    private static final Sql END = Sql.of("""
            UPDATE inbound_run
               SET state = :state, operation = :operation::uuid, error = :error, finished_at = :now
             WHERE id = :id AND state = 'waiting'
            """);
    private static final Sql ENDED = Sql.of("""
            UPDATE inbound_event
               SET pending = pending - 1, failures = failures + :failed,
                   state = CASE WHEN pending > 1 THEN 'waiting' WHEN failures + :failed > 0 THEN 'failed' ELSE 'done' END
             WHERE id = :id
            """);
    private static final String REMOVE = """
            DELETE FROM inbound_event
             WHERE id IN (SELECT id
                            FROM inbound_event
                           WHERE environment_id = :environment AND received_at < :before AND state <> 'waiting'
                           ORDER BY received_at, id
                           LIMIT :most)
               AND state <> 'waiting'
            """;

    private static final String MISSING = "webhook_script_failure: the connection has no sync of this name";

    private static final List<SealedColumn.Part> KEY = List.of(new SealedColumn.Part("id", "bigint"));

    static final List<SealedColumn> SEALED =
            List.of(new SealedColumn("inbound_event", "headers", KEY), new SealedColumn("inbound_event", "body", KEY));

    private InboxStore() {}

    /**
     * A run to execute next.
     *
     * @param attempts number of attempts started before
     */
    record Next(long id, long event, long connection, String function, UUID sync, int attempts) {}

    private record Row(Arrival arrival, Arrival.Event event) {}

    /** A run of a stored event. */
    record Run(long event, long environment, Arrival.Planned planned) {}

    /** Stores the events that were not stored before. Returns their row ids by uuid. */
    static Map<UUID, Long> add(Handle handle, Collection<Arrival> arrivals) {
        var rows = arrivals.stream()
                .flatMap(arrival -> arrival.events().stream().map(event -> new Row(arrival, event)))
                .toList();
        if (rows.isEmpty()) {
            return Map.of();
        }
        var added = new HashMap<UUID, Long>();
        ADD.list(handle, p -> bind(p, rows), row -> added.put(row.getObject(2, UUID.class), row.getLong(1)));
        return added;
    }

    private static void bind(Sql.Parameters p, List<Row> rows) throws SQLException {
        p.array("ids", "uuid", column(rows, row -> row.event.id()))
                .array(
                        "environments",
                        "bigint",
                        column(rows, row -> row.arrival.integration().environmentId()))
                .array(
                        "integrations",
                        "bigint",
                        column(rows, row -> row.arrival.integration().id()))
                .array(
                        "names",
                        "text",
                        column(rows, row -> row.arrival.integration().uniqueKey()))
                .array(
                        "received",
                        "timestamptz",
                        column(rows, row -> row.arrival.receivedAt().toString()))
                .array("types", "text", column(rows, row -> row.event.type().orElse(null)))
                .array(
                        "headerTypes",
                        "text",
                        column(rows, row -> row.event.headerType().orElse(null)))
                .array(
                        "providerIds",
                        "text",
                        column(rows, row -> row.event.providerId().orElse(null)))
                .array("connections", "text", column(rows, row -> ids(row.event.connections())))
                .array(
                        "headers",
                        "bytea",
                        rows.stream().map(row -> row.arrival.headers()).toArray(byte[][]::new))
                .array(
                        "bodies",
                        "bytea",
                        rows.stream().map(row -> row.event.body()).toArray(byte[][]::new))
                .array("pending", "int", column(rows, row -> count(row.event.runs(), true)))
                .array("failures", "int", column(rows, row -> count(row.event.runs(), false)))
                .array("calls", "int", column(rows, row -> row.event.calls().size()));
    }

    private static String ids(List<Found> connections) {
        return connections.stream().map(found -> String.valueOf(found.id())).collect(Collectors.joining(",", "{", "}"));
    }

    /** Counts the runs that can be executed, or those that cannot. */
    static int count(List<Arrival.Planned> runs, boolean executable) {
        return (int) runs.stream()
                .filter(run -> run.sync().isPresent() == executable)
                .count();
    }

    /** Adds runs. Returns the lanes that now have runs to process, sorted. */
    static SortedSet<Lane> addRuns(Handle handle, List<Run> runs, Instant now) {
        if (!runs.isEmpty()) {
            ADD_RUNS.update(
                    handle,
                    p -> p.array("events", "bigint", column(runs, Run::event))
                            .array("environments", "bigint", column(runs, Run::environment))
                            .array(
                                    "lanes",
                                    "int",
                                    column(runs, run -> run.planned().lane()))
                            .array(
                                    "connections",
                                    "bigint",
                                    column(runs, run -> run.planned().connection()))
                            .array(
                                    "functions",
                                    "text",
                                    column(runs, run -> run.planned().function()))
                            .array(
                                    "syncs",
                                    "uuid",
                                    column(runs, run -> run.planned().sync().orElse(null)))
                            .set("missing", MISSING)
                            .set("now", Timestamp.from(now)));
        }
        return runs.stream()
                .filter(run -> run.planned().sync().isPresent())
                .map(run -> new Lane(run.environment(), run.planned().lane()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static <T> @Nullable Object[] column(List<T> rows, Function<T, @Nullable Object> value) {
        return rows.stream().map(value).toArray();
    }

    /** Returns the first waiting run of each sync whose id is greater than {@code after}, ordered by sync id. */
    static List<Next> next(Handle handle, Lane lane, UUID after, int most) {
        return NEXT.list(
                handle,
                p -> p.set("environment", lane.environment())
                        .set("lane", lane.number())
                        .set("after", after)
                        .set("most", most),
                row -> new Next(
                        row.getLong("id"),
                        row.getLong("event_id"),
                        row.getLong("connection_id"),
                        row.getString("function"),
                        row.getObject("sync_id", UUID.class),
                        row.getInt("attempts")));
    }

    static boolean anyWaiting(Handle handle, Lane lane) {
        return ANY_WAITING
                .first(
                        handle,
                        p -> p.set("environment", lane.environment()).set("lane", lane.number()),
                        row -> row.getBoolean(1))
                .orElse(false);
    }

    /** The encrypted body of an event. */
    static Optional<byte[]> body(Handle handle, long event) {
        return BODY.first(handle, p -> p.set("id", event), row -> row.getBytes(1));
    }

    static void begun(Handle handle, long run) {
        BEGUN.update(handle, p -> p.set("id", run));
    }

    /** @param error the error type; null if the run succeeded */
    static void end(Handle handle, Next run, @Nullable UUID operation, @Nullable String error, Instant now) {
        int rows = END.update(
                handle,
                p -> p.set("id", run.id())
                        .set("state", error == null ? "done" : "failed")
                        .set("operation", operation)
                        .set("error", error)
                        .set("now", Timestamp.from(now)));
        if (rows > 0) {
            ENDED.update(handle, p -> p.set("id", run.event()).set("failed", error == null ? 0 : 1));
        }
    }

    static int remove(Handle handle, long environment, Instant before, int most) {
        return handle.createUpdate(REMOVE)
                .bind("environment", environment)
                .bind("before", Timestamp.from(before))
                .bind("most", most)
                .execute();
    }

    /** The planned runs of the events that were stored. */
    static List<Run> runs(Collection<Arrival> arrivals, Map<UUID, Long> added) {
        var runs = new ArrayList<Run>();
        for (var arrival : arrivals) {
            long environment = arrival.integration().environmentId();
            for (var event : arrival.events()) {
                var id = added.get(event.id());
                if (id != null) {
                    event.runs().forEach(planned -> runs.add(new Run(id, environment, planned)));
                }
            }
        }
        return runs;
    }
}
