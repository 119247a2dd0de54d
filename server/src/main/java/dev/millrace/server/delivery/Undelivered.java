package dev.millrace.server.delivery;

import dev.millrace.server.db.Database;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Webhooks that do not reach the application, and how deliveries go as a whole. Thread-safe. */
public final class Undelivered {
    // A destination that fails, or that has given up deliveries since a time. The index of those that wait is short.
    private static final String ADDRESSES = """
            SELECT t.url, t.failing_since, t.closed_until,
                   (SELECT count(*) FROM webhook_delivery d WHERE d.destination_id = t.id AND d.state = 'waiting') AS waiting,
                   (SELECT min(d.due_at) FROM webhook_delivery d WHERE d.destination_id = t.id AND d.state = 'waiting') AS due,
                   coalesce(g.given_up, 0) AS given_up, g.status, g.error
              FROM webhook_destination t
              LEFT JOIN (SELECT d.destination_id, count(*) AS given_up, (array_agg(d.status ORDER BY d.seq DESC))[1] AS status,
                                (array_agg(d.error ORDER BY d.seq DESC))[1] AS error
                           FROM (SELECT * FROM webhook_delivery
                                  WHERE environment_id = :environment AND state = 'dead'
                                  ORDER BY seq DESC
                                  LIMIT :scan) d
                          WHERE d.finished_at >= :since
                          GROUP BY d.destination_id) g ON g.destination_id = t.id
             WHERE t.environment_id = :environment AND (t.failures > 0 OR t.closed_until IS NOT NULL OR g.given_up > 0)
             ORDER BY t.id
             LIMIT :most
            """;
    private static final String SLOTS = """
            SELECT s.slot, o.done, o.failed
              FROM generate_series(0, :steps - 1) AS s (slot)
             CROSS JOIN LATERAL (
                   SELECT count(*) FILTER (WHERE d.state = 'delivered') AS done,
                          count(*) FILTER (WHERE d.state = 'dead') AS failed
                     FROM webhook_event e JOIN webhook_delivery d ON d.event_id = e.id
                    WHERE e.environment_id = :environment
                      AND e.created_at >= :from::timestamptz + s.slot * :seconds * interval '1 second'
                      AND e.created_at < :from::timestamptz + (s.slot + 1) * :seconds * interval '1 second') o
             ORDER BY s.slot
            """;
    private static final int SCAN = 5_000;

    private final Database db;

    public Undelivered(Database db) {
        this.db = db;
    }

    /**
     * An address that does not accept webhooks.
     *
     * @param failingSince the beginning of the failures, if it fails now
     * @param next the time of the next attempt, if something waits
     * @param waiting how many deliveries wait
     * @param givenUp how many were given up since the time that was asked for
     * @param status of the last answer, if there was one
     */
    public record Address(
            String url,
            Optional<Instant> failingSince,
            Optional<Instant> next,
            long waiting,
            long givenUp,
            Optional<Integer> status,
            Optional<String> error) {}

    /** @param index from the beginning, 0 first */
    public record Slot(int index, long done, long failed) {}

    public List<Address> addresses(long environment, Instant since, int most) {
        return db.withHandle(handle -> handle.createQuery(ADDRESSES)
                .bind("environment", environment)
                .bind("since", Timestamp.from(since))
                .bind("scan", SCAN)
                .bind("most", most)
                .map((row, _) -> {
                    int status = row.getInt("status");
                    var answered = row.wasNull() ? Optional.<Integer>empty() : Optional.of(status);
                    var due = Optional.ofNullable(row.getTimestamp("due")).map(Timestamp::toInstant);
                    var closed = Optional.ofNullable(row.getTimestamp("closed_until"))
                            .map(Timestamp::toInstant);
                    return new Address(
                            row.getString("url"),
                            Optional.ofNullable(row.getTimestamp("failing_since"))
                                    .map(Timestamp::toInstant),
                            due.map(at -> closed.filter(at::isBefore).orElse(at)),
                            row.getLong("waiting"),
                            row.getLong("given_up"),
                            answered,
                            Optional.ofNullable(row.getString("error")));
                })
                .list());
    }

    /** What became of the webhooks of each of the steps from a time on. */
    public List<Slot> slots(long environment, Instant from, Duration step, int steps) {
        return db.withHandle(handle -> handle.createQuery(SLOTS)
                .bind("environment", environment)
                .bind("from", Timestamp.from(from))
                .bind("steps", steps)
                .bind("seconds", step.toSeconds())
                .map((row, _) -> new Slot(row.getInt("slot"), row.getLong("done"), row.getLong("failed")))
                .list());
    }
}
