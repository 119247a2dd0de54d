package dev.millrace.server.sync;

import dev.millrace.server.db.Database;
import java.util.List;
import java.util.UUID;

/** The syncs of an environment whose last run failed. Thread-safe. */
public final class FailingSyncs {
    private static final String FAILING = """
            SELECT a.integration, s.name, count(*) AS connections, min(a.connection) AS connection,
                   (array_agg(s.failed_operation ORDER BY s.id))[1] AS operation
              FROM sync s JOIN connection_address a ON a.id = s.connection_id
             WHERE s.environment_id = :environment AND s.failed_operation IS NOT NULL AND s.deleted_at IS NULL
               AND s.paused_by IS DISTINCT FROM 'credentials'
             GROUP BY a.integration, s.name
             ORDER BY count(*) DESC, a.integration, s.name
             LIMIT :most
            """;
    private static final String PAUSED = """
            SELECT count(*)
              FROM sync
             WHERE connection_id = :connection AND paused_by = 'credentials' AND deleted_at IS NULL
            """;

    private final Database db;

    public FailingSyncs(Database db) {
        this.db = db;
    }

    /**
     * A sync that fails.
     *
     * @param connections on how many connections
     * @param connection the public id of one of them
     * @param operation the log of one of the failed runs
     */
    public record Failing(String integration, String name, long connections, String connection, UUID operation) {}

    /** Those that fail on the most connections first. Syncs that wait for new credentials are left out. */
    public List<Failing> list(long environment, int most) {
        return db.withHandle(handle -> handle.createQuery(FAILING)
                .bind("environment", environment)
                .bind("most", most)
                .map((row, _) -> new Failing(
                        row.getString("integration"),
                        row.getString("name"),
                        row.getLong("connections"),
                        row.getString("connection"),
                        row.getObject("operation", UUID.class)))
                .list());
    }

    /** How many syncs of a connection wait for credentials that work. */
    public long paused(long connection) {
        return db.withHandle(handle -> handle.createQuery(PAUSED)
                .bind("connection", connection)
                .mapTo(Long.class)
                .one());
    }
}
