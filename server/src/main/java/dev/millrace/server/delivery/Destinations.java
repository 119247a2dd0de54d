package dev.millrace.server.delivery;

import dev.millrace.server.db.Database;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The webhook_destination table: the addresses of each environment, and which of them are left alone for a while since they
 * fail (the circuit breaker, which all servers share). Thread-safe.
 */
final class Destinations {
    private static final String FIND =
            "SELECT id FROM webhook_destination WHERE environment_id = :environment AND md5(url) = md5(:url)";
    private static final String ADD = """
            INSERT INTO webhook_destination (environment_id, url) VALUES (:environment, :url)
            ON CONFLICT (environment_id, md5(url)) DO NOTHING
            """;
    // Reads one row of the index for each address that has something to send, however many there are.
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
    private static final String TRY = """
            UPDATE webhook_destination SET closed_until = now() + :seconds * interval '1 second'
             WHERE id = :id AND closed_until <= now()
            """;
    private static final String SUCCEEDED = """
            UPDATE webhook_destination SET failures = 0, failing_since = NULL, closed_until = NULL
             WHERE id = ANY (:ids) AND (failures > 0 OR closed_until IS NOT NULL)
            """;
    // One that was closed before has failed its trial.
    private static final String FAILED = """
            UPDATE webhook_destination
               SET failures = CASE WHEN fresh THEN :count ELSE failures + :count END,
                   failing_since = CASE WHEN fresh THEN now() ELSE failing_since END,
                   closed_until = CASE WHEN closed_until IS NOT NULL
                                         OR CASE WHEN fresh THEN :count ELSE failures + :count END >= :most
                                       THEN now() + :pause * interval '1 millisecond' END
              FROM (SELECT failing_since IS NULL
                           OR failing_since < now() - :window * interval '1 millisecond' AS fresh
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

    /** @param trial whether it failed, and one delivery may try how it is now */
    record Due(long id, long environment, String url, boolean trial) {}

    /** The id of an address, made if need be. */
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

    /** Those that have something to send now and are not left alone. */
    List<Due> due() {
        return db.withHandle(handle -> handle.createQuery(DUE)
                .map((row, _) -> new Due(
                        row.getLong("id"),
                        row.getLong("environment_id"),
                        row.getString("url"),
                        row.getBoolean("trial")))
                .list());
    }

    /** Whether this process may try an address that has failed; nobody else does so meanwhile. */
    boolean tries(Handle handle, long id) {
        var longest = config.timeout().plus(Duration.ofSeconds(5));
        return handle.createUpdate(TRY)
                        .bind("id", id)
                        .bind("seconds", longest.toSeconds())
                        .execute()
                > 0;
    }

    void succeeded(Handle handle, Collection<Long> ids) {
        handle.createUpdate(SUCCEEDED).bindArray("ids", Long.class, ids).execute();
    }

    /** Whether the address is left alone from now on. */
    boolean failed(Handle handle, long id, int count) {
        var breaker = config.breaker();
        return handle.createQuery(FAILED)
                .bind("id", id)
                .bind("count", count)
                .bind("most", breaker.failures())
                .bind("window", breaker.window().toMillis())
                .bind("pause", breaker.pause().toMillis())
                .mapTo(Boolean.class)
                .findOne()
                .orElse(false);
    }
}
