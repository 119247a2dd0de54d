package dev.millrace.server.delivery;

import dev.millrace.server.db.Database;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The webhook_destination table: the addresses of each environment and their circuit breakers. All servers share the
 * circuit breakers: {@code closed_until} is the time until which a circuit is open and nothing is sent. Thread-safe.
 */
final class Destinations {
    private static final String FIND =
            "SELECT id FROM webhook_destination WHERE environment_id = :environment AND md5(url) = md5(:url)";
    private static final String ADD = """
            INSERT INTO webhook_destination (environment_id, url) VALUES (:environment, :url)
            ON CONFLICT (environment_id, md5(url)) DO NOTHING
            """;
    // Reads one index row per destination with waiting deliveries, however many deliveries there are.
    private static final String DUE = """
            WITH RECURSIVE waiting AS (
              (SELECT destination_id AS id
                 FROM webhook_delivery
                WHERE state = 'waiting' AND owner IS NULL
                ORDER BY destination_id
                LIMIT 1)
              UNION ALL
              SELECT (SELECT d.destination_id
                        FROM webhook_delivery d
                       WHERE d.state = 'waiting' AND d.owner IS NULL AND d.destination_id > w.id
                       ORDER BY d.destination_id
                       LIMIT 1)
                FROM waiting w
               WHERE w.id IS NOT NULL)
            SELECT t.id, t.environment_id, t.url, t.closed_until IS NOT NULL AS trial
              FROM waiting w JOIN webhook_destination t ON t.id = w.id
             WHERE (t.closed_until IS NULL OR t.closed_until <= now())
               AND EXISTS (SELECT
                             FROM webhook_delivery d
                            WHERE d.destination_id = t.id AND d.state = 'waiting' AND d.owner IS NULL AND d.due_at <= now())
             ORDER BY t.id
            """;
    private static final String START_TRIAL = """
            UPDATE webhook_destination SET closed_until = now() + :seconds * interval '1 second'
             WHERE id = :id AND closed_until <= now()
            """;
    private static final String RECORD_SUCCESS = """
            UPDATE webhook_destination SET failures = 0, failing_since = NULL, closed_until = NULL
             WHERE id = ANY (:ids) AND (failures > 0 OR closed_until IS NOT NULL)
            """;
    // If the circuit was already open, the trial request has failed and the circuit opens again.
    private static final String RECORD_FAILURES = """
            UPDATE webhook_destination
               SET failures = CASE WHEN new_window THEN :count ELSE failures + :count END,
                   failing_since = CASE WHEN new_window THEN now() ELSE failing_since END,
                   closed_until = CASE WHEN closed_until IS NOT NULL
                                         OR CASE WHEN new_window THEN :count ELSE failures + :count END >= :most
                                       THEN now() + :pause * interval '1 millisecond' END
              FROM (SELECT failing_since IS NULL
                           OR failing_since < now() - :window * interval '1 millisecond' AS new_window
                      FROM webhook_destination
                     WHERE id = :id) AS w
             WHERE id = :id
            RETURNING closed_until IS NOT NULL
            """;

    private final Database db;
    private final DeliveryConfig config;

    Destinations(Database db, DeliveryConfig config) {
        this.db = db;
        this.config = config;
    }

    /**
     * A destination with a delivery that is due.
     *
     * @param trial whether the open time of its circuit breaker has ended, so that one trial request is allowed
     */
    record DueDestination(long id, long environment, String url, boolean trial) {}

    /** The id of a destination; inserts the destination if it does not exist. */
    long id(Handle handle, long environment, String url) {
        return find(handle, environment, url).orElseGet(() -> {
            handle.createUpdate(ADD)
                    .bind("environment", environment)
                    .bind("url", url)
                    .execute();
            return find(handle, environment, url).orElseThrow();
        });
    }

    private static Optional<Long> find(Handle handle, long environment, String url) {
        return handle.createQuery(FIND)
                .bind("environment", environment)
                .bind("url", url)
                .mapTo(Long.class)
                .findOne();
    }

    /** The destinations that have a due delivery and whose circuit breaker allows a request. */
    List<DueDestination> due() {
        return db.withHandle(handle -> handle.createQuery(DUE)
                .map((row, _) -> new DueDestination(
                        row.getLong("id"),
                        row.getLong("environment_id"),
                        row.getString("url"),
                        row.getBoolean("trial")))
                .list());
    }

    /**
     * Reserves the trial request of a destination with an open circuit breaker. No other process gets it until the
     * attempt must have ended.
     *
     * @return whether this process may send the trial request
     */
    boolean startTrial(Handle handle, long id) {
        var longestAttempt = config.timeout().plus(Duration.ofSeconds(5));
        return handle.createUpdate(START_TRIAL)
                        .bind("id", id)
                        .bind("seconds", longestAttempt.toSeconds())
                        .execute()
                > 0;
    }

    /** Resets the failures and closes the circuit breakers of destinations. */
    void recordSuccess(Handle handle, Collection<Long> ids) {
        handle.createUpdate(RECORD_SUCCESS).bindArray("ids", Long.class, ids).execute();
    }

    /**
     * Adds consecutive failures to a destination.
     *
     * @return whether the circuit breaker is open now
     */
    boolean recordFailures(Handle handle, long id, int count) {
        var breaker = config.breaker();
        return handle.createQuery(RECORD_FAILURES)
                .bind("id", id)
                .bind("count", count)
                .bind("most", breaker.failures())
                .bind("window", breaker.window().toMillis())
                .bind("pause", breaker.openTime().toMillis())
                .mapTo(Boolean.class)
                .findOne()
                .orElse(false);
    }
}
