package dev.millrace.server.delivery;

import dev.millrace.server.db.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The webhook_delivery table, as those who send see it. Thread-safe. */
final class DeliveryStore {
    /**
     * Takes the first that are due. One before which another one of its lane has to leave is put off until that is due; those
     * of a lane that are taken together are sent in order. The last one of a connection waits for all others of it.
     */
    private static final String CLAIM = """
            WITH due AS MATERIALIZED (
              SELECT id, seq, connection_id, lane, last
                FROM webhook_delivery
               WHERE destination_id = :destination AND state = 'waiting' AND owner IS NULL AND due_at <= now()
               ORDER BY due_at, seq
               LIMIT :limit
                 FOR UPDATE SKIP LOCKED),
            looked AS MATERIALIZED (
              SELECT d.id,
                     (SELECT e.due_at
                        FROM webhook_delivery e
                       WHERE (d.lane IS NOT NULL OR d.last)
                         AND e.destination_id = :destination AND e.connection_id = d.connection_id
                         AND e.state = 'waiting' AND e.seq < d.seq AND (d.last OR e.lane = d.lane)
                         AND (d.last OR e.id NOT IN (SELECT id FROM due))
                       ORDER BY e.seq
                       LIMIT 1) AS behind
                FROM due d),
            put_off AS (
              UPDATE webhook_delivery d SET due_at = greatest(l.behind, now() + interval '250 milliseconds')
                FROM looked l
               WHERE d.id = l.id AND l.behind IS NOT NULL)
            UPDATE webhook_delivery d SET owner = :owner
              FROM looked l, webhook_event e
             WHERE d.id = l.id AND l.behind IS NULL AND e.id = d.event_id
            RETURNING d.id, e.uuid, d.seq, d.environment_id, d.connection_id, e.integration, e.connection, e.type, d.lane,
                      d.last, d.attempts, e.body, e.headers
            """;

    private static final String RECORD = """
            UPDATE webhook_delivery d
               SET state = r.state, attempts = r.attempts, owner = NULL,
                   due_at = CASE WHEN r.state = 'waiting' THEN now() + r.wait * interval '1 millisecond' END,
                   status = CASE WHEN r.tried THEN r.status ELSE d.status END,
                   error = CASE WHEN r.tried THEN r.error ELSE d.error END,
                   attempted_at = CASE WHEN r.tried THEN now() ELSE d.attempted_at END,
                   finished_at = CASE WHEN r.state <> 'waiting' THEN now() END
              FROM unnest(:ids::uuid[], :states::text[], :attempts::int[], :waits::bigint[], :statuses::int[],
                          :errors::text[], :tried::boolean[])
                   AS r (id, state, attempts, wait, status, error, tried)
             WHERE d.id = r.id AND d.owner = :owner
            """;
    private static final String WORK = """
            SELECT EXISTS (SELECT FROM webhook_event WHERE seq IS NULL) AS fresh,
                   EXISTS (SELECT FROM webhook_delivery WHERE state = 'waiting' AND owner IS NULL) AS waiting
            """;
    private static final String RELEASE = "UPDATE webhook_delivery SET owner = NULL WHERE owner = :owner";
    private static final String OWNERS =
            "SELECT DISTINCT owner FROM webhook_delivery WHERE owner IS NOT NULL LIMIT 1000";
    private static final String HELD = "SELECT id FROM webhook_delivery WHERE id = :id AND owner = :owner";

    private final Database db;
    private final EventStore events;
    private final Destinations destinations;
    private final UUID process;

    DeliveryStore(Database db, EventStore events, Destinations destinations, UUID process) {
        this.db = db;
        this.events = events;
        this.destinations = destinations;
        this.process = process;
    }

    /**
     * What there is to do.
     *
     * @param fresh whether there are events without a place
     * @param waiting whether there is something to send, now or later
     */
    record Work(boolean fresh, boolean waiting) {}

    Work work() {
        return db.withHandle(handle -> handle.createQuery(WORK)
                .map((row, _) -> new Work(row.getBoolean("fresh"), row.getBoolean("waiting")))
                .one());
    }

    /** Takes deliveries to an address, in order; one only when the address is tried again after failures. */
    List<Due> claim(Destinations.Due destination, int limit) {
        return db.inTransaction(handle -> {
            if (destination.trial() && !destinations.tries(handle, destination.id())) {
                return List.<Due>of();
            }
            return handle
                    .createQuery(CLAIM)
                    .bind("destination", destination.id())
                    .bind("limit", destination.trial() ? 1 : limit)
                    .bind("owner", process)
                    .map((row, _) -> due(row))
                    .list()
                    .stream()
                    .sorted(Comparator.comparingLong(Due::seq))
                    .toList();
        });
    }

    private Due due(ResultSet row) throws SQLException {
        long connection = row.getLong("connection_id");
        var known = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(connection);
        return new Due(
                row.getObject("id", UUID.class),
                row.getObject("uuid", UUID.class),
                row.getLong("seq"),
                row.getLong("environment_id"),
                known,
                row.getString("integration"),
                row.getString("connection"),
                row.getString("type"),
                Optional.ofNullable(row.getString("lane")),
                row.getBoolean("last"),
                row.getInt("attempts"),
                events.body(row),
                events.headers(row));
    }

    /** Whether a delivery is still this process's. */
    boolean holds(UUID id) {
        return db.withHandle(handle -> handle.createQuery(HELD)
                .bind("id", id)
                .bind("owner", process)
                .mapTo(UUID.class)
                .findOne()
                .isPresent());
    }

    /** Records what became of deliveries; answers the addresses that are left alone from now on. */
    List<Long> record(List<Result> results) {
        return db.inTransaction(handle -> {
            handle.createUpdate(RECORD)
                    .bind("ids", column(results, r -> r.due().id()))
                    .bind("states", column(results, r -> r.state().word()))
                    .bind("attempts", column(results, Result::attempts))
                    .bind("waits", column(results, r -> r.pause().toMillis()))
                    .bind(
                            "statuses",
                            column(
                                    results,
                                    r -> r.status().isPresent() ? r.status().getAsInt() : null))
                    .bind("errors", column(results, r -> r.error().orElse(null)))
                    .bind("tried", column(results, Result::tried))
                    .bind("owner", process)
                    .execute();
            return judge(handle, results);
        });
    }

    private List<Long> judge(Handle handle, List<Result> results) {
        // In one order, since all who do this lock the rows of several addresses.
        Map<Long, List<Result>> tried = results.stream()
                .filter(result -> result.verdict() != Result.Verdict.NONE)
                .sorted(Comparator.comparingLong(Result::destination))
                .collect(Collectors.groupingBy(Result::destination, TreeMap::new, Collectors.toList()));
        var closed = new ArrayList<Long>();
        tried.forEach((destination, verdicts) -> {
            int failures = 0;
            for (var result : verdicts) {
                failures = result.verdict() == Result.Verdict.GOOD ? 0 : failures + 1;
            }
            if (failures < verdicts.size()) {
                destinations.succeeded(handle, List.of(destination));
            }
            if (failures > 0 && destinations.failed(handle, destination, failures)) {
                closed.add(destination);
            }
        });
        return closed;
    }

    private static <T> @Nullable String[] column(List<Result> rows, Function<Result, @Nullable T> value) {
        return rows.stream()
                .map(row -> {
                    var cell = value.apply(row);
                    return cell == null ? null : cell.toString();
                })
                .toArray(String[]::new);
    }

    /** Lets others send what a process was sending that is gone. */
    static void release(Handle handle, UUID of) {
        handle.createUpdate(RELEASE).bind("owner", of).execute();
    }

    /** The processes that send something. */
    List<UUID> owners() {
        return db.withHandle(
                handle -> handle.createQuery(OWNERS).mapTo(UUID.class).list());
    }
}
