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

/** The webhook_delivery table, as the sender uses it. Thread-safe. */
final class DeliveryStore {
    /**
     * Claims the due deliveries of a destination. The column {@code lane} is the ordering key. A delivery is postponed
     * while an earlier delivery with the same connection and ordering key is waiting and is not claimed together with
     * it: its due time becomes that of the earlier one, but at least 250 ms from now. Claimed deliveries with the same
     * connection and ordering key are sent in order. The last delivery of a connection is postponed while any other
     * delivery of the connection is waiting.
     */
    private static final String CLAIM = """
            WITH due AS MATERIALIZED (
              SELECT id, seq, connection_id, lane, last
                FROM webhook_delivery
               WHERE destination_id = :destination AND state = 'waiting' AND owner IS NULL AND due_at <= now()
               ORDER BY due_at, seq
               LIMIT :limit
                 FOR UPDATE SKIP LOCKED),
            checked AS MATERIALIZED (
              SELECT d.id,
                     (SELECT e.due_at
                        FROM webhook_delivery e
                       WHERE (d.lane IS NOT NULL OR d.last)
                         AND e.destination_id = :destination AND e.connection_id = d.connection_id
                         AND e.state = 'waiting' AND e.seq < d.seq AND (d.last OR e.lane = d.lane)
                         AND (d.last OR e.id NOT IN (SELECT id FROM due))
                       ORDER BY e.seq
                       LIMIT 1) AS blocked_until
                FROM due d),
            postponed AS (
              UPDATE webhook_delivery d SET due_at = greatest(l.blocked_until, now() + interval '250 milliseconds')
                FROM checked l
               WHERE d.id = l.id AND l.blocked_until IS NOT NULL)
            UPDATE webhook_delivery d SET owner = :owner
              FROM checked l, webhook_event e
             WHERE d.id = l.id AND l.blocked_until IS NULL AND e.id = d.event_id
            RETURNING d.id, e.uuid, d.seq, d.environment_id, d.connection_id, e.integration, e.connection, e.type, d.lane,
                      d.last, d.attempts, e.body, e.headers
            """;

    private static final String RECORD = """
            UPDATE webhook_delivery d
               SET state = r.state, attempts = r.attempts, owner = NULL,
                   due_at = CASE WHEN r.state = 'waiting' THEN now() + r.wait * interval '1 millisecond' END,
                   status = CASE WHEN r.attempted THEN r.status ELSE d.status END,
                   error = CASE WHEN r.attempted THEN r.error ELSE d.error END,
                   attempted_at = CASE WHEN r.attempted THEN now() ELSE d.attempted_at END,
                   finished_at = CASE WHEN r.state <> 'waiting' THEN now() END
              FROM unnest(:ids::uuid[], :states::text[], :attempts::int[], :waits::bigint[], :statuses::int[],
                          :errors::text[], :attempted::boolean[])
                   AS r (id, state, attempts, wait, status, error, attempted)
             WHERE d.id = r.id AND d.owner = :owner
            """;
    private static final String PENDING_WORK = """
            SELECT EXISTS (SELECT FROM webhook_event WHERE seq IS NULL) AS new_events,
                   EXISTS (SELECT FROM webhook_delivery WHERE state = 'waiting' AND owner IS NULL) AS waiting_deliveries
            """;
    private static final String RELEASE = "UPDATE webhook_delivery SET owner = NULL WHERE owner = :owner";
    private static final String OWNERS =
            "SELECT DISTINCT owner FROM webhook_delivery WHERE owner IS NOT NULL LIMIT 1000";
    private static final String OWNED = "SELECT id FROM webhook_delivery WHERE id = :id AND owner = :owner";

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
     * Whether there is pending work.
     *
     * @param newEvents whether there are events without a sequence number
     * @param waitingDeliveries whether there are unclaimed deliveries to send, now or later
     */
    record PendingWork(boolean newEvents, boolean waitingDeliveries) {}

    PendingWork pendingWork() {
        return db.withHandle(handle -> handle.createQuery(PENDING_WORK)
                .map((row, _) -> new PendingWork(row.getBoolean("new_events"), row.getBoolean("waiting_deliveries")))
                .one());
    }

    /**
     * Claims due deliveries of a destination.
     *
     * @param limit the largest number of deliveries; a trial request claims only one
     * @return the claimed deliveries, by sequence number
     */
    List<DueDelivery> claim(Destinations.DueDestination destination, int limit) {
        return db.inTransaction(handle -> {
            if (destination.trial() && !destinations.startTrial(handle, destination.id())) {
                return List.<DueDelivery>of();
            }
            return handle
                    .createQuery(CLAIM)
                    .bind("destination", destination.id())
                    .bind("limit", destination.trial() ? 1 : limit)
                    .bind("owner", process)
                    .map((row, _) -> due(row))
                    .list()
                    .stream()
                    .sorted(Comparator.comparingLong(DueDelivery::seq))
                    .toList();
        });
    }

    private DueDelivery due(ResultSet row) throws SQLException {
        long connection = row.getLong("connection_id");
        var connectionId = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(connection);
        return new DueDelivery(
                row.getObject("id", UUID.class),
                row.getObject("uuid", UUID.class),
                row.getLong("seq"),
                row.getLong("environment_id"),
                connectionId,
                row.getString("integration"),
                row.getString("connection"),
                row.getString("type"),
                Optional.ofNullable(row.getString("lane")),
                row.getBoolean("last"),
                row.getInt("attempts"),
                events.body(row),
                events.headers(row));
    }

    /** Whether this process still owns the claim on a delivery. */
    boolean owns(UUID id) {
        return db.withHandle(handle -> handle.createQuery(OWNED)
                .bind("id", id)
                .bind("owner", process)
                .mapTo(UUID.class)
                .findOne()
                .isPresent());
    }

    /**
     * Records the outcomes of deliveries, if this process still owns them, and updates the circuit breakers.
     *
     * @return the ids of the destinations whose circuit breaker is open now
     */
    List<Long> record(List<Result> results) {
        return db.inTransaction(handle -> {
            handle.createUpdate(RECORD)
                    .bind("ids", column(results, r -> r.due().id()))
                    .bind("states", column(results, r -> r.state().code()))
                    .bind("attempts", column(results, Result::attempts))
                    .bind("waits", column(results, r -> r.delay().toMillis()))
                    .bind(
                            "statuses",
                            column(
                                    results,
                                    r -> r.status().isPresent() ? r.status().getAsInt() : null))
                    .bind("errors", column(results, r -> r.error().orElse(null)))
                    .bind("attempted", column(results, Result::attempted))
                    .bind("owner", process)
                    .execute();
            return updateBreakers(handle, results);
        });
    }

    private List<Long> updateBreakers(Handle handle, List<Result> results) {
        // Sorted by destination: concurrent transactions must lock the rows in the same order to avoid deadlocks.
        Map<Long, List<Result>> byDestination = results.stream()
                .filter(result -> result.verdict() != Result.Verdict.NONE)
                .sorted(Comparator.comparingLong(Result::destination))
                .collect(Collectors.groupingBy(Result::destination, TreeMap::new, Collectors.toList()));
        var opened = new ArrayList<Long>();
        byDestination.forEach((destination, attempts) -> {
            int failures = 0;
            for (var result : attempts) {
                failures = result.verdict() == Result.Verdict.GOOD ? 0 : failures + 1;
            }
            if (failures < attempts.size()) {
                destinations.recordSuccess(handle, List.of(destination));
            }
            if (failures > 0 && destinations.recordFailures(handle, destination, failures)) {
                opened.add(destination);
            }
        });
        return opened;
    }

    private static <T> @Nullable String[] column(List<Result> rows, Function<Result, @Nullable T> value) {
        return rows.stream()
                .map(row -> {
                    var cell = value.apply(row);
                    return cell == null ? null : cell.toString();
                })
                .toArray(String[]::new);
    }

    /** Releases all claims of a lost process, so that other processes send its deliveries. */
    static void release(Handle handle, UUID owner) {
        handle.createUpdate(RELEASE).bind("owner", owner).execute();
    }

    /** The ids of the processes that own claims, at most 1,000. */
    List<UUID> owners() {
        return db.withHandle(
                handle -> handle.createQuery(OWNERS).mapTo(UUID.class).list());
    }
}
