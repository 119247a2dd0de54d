package dev.millrace.server.connection;

import dev.millrace.server.credential.AuthFailure;
import dev.millrace.server.db.Database;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The connections of an environment whose credentials are refused, and how many connections there are. Thread-safe. */
public final class BrokenConnections {
    private static final String BROKEN = """
            SELECT c.id, a.integration, a.connection, c.auth_failure::text AS failure,
                   coalesce(c.tags ->> 'end_user_display_name', c.end_user ->> 'display_name', c.end_user ->> 'email') AS customer
              FROM connection c JOIN connection_address a ON a.id = c.id
             WHERE c.environment_id = :environment AND c.auth_failure ->> 'outage' = 'false' AND c.deleted_at IS NULL
             ORDER BY c.id DESC
             LIMIT :most
            """;
    private static final String COUNT = """
            SELECT (SELECT count(*) FROM connection WHERE environment_id = :environment AND deleted_at IS NULL) AS all,
                   (SELECT count(*) FROM connection
                     WHERE environment_id = :environment AND auth_failure ->> 'outage' = 'false' AND deleted_at IS NULL) AS broken
            """;

    private static final String BY_INTEGRATION = """
            SELECT c.integration_id, c.all, coalesce(b.broken, 0) AS broken
              FROM (SELECT integration_id, count(*) AS all
                      FROM connection
                     WHERE environment_id = :environment AND deleted_at IS NULL
                     GROUP BY integration_id) c
              LEFT JOIN (SELECT integration_id, count(*) AS broken
                           FROM connection
                          WHERE environment_id = :environment AND auth_failure ->> 'outage' = 'false' AND deleted_at IS NULL
                          GROUP BY integration_id) b ON b.integration_id = c.integration_id
            """;

    private final Database db;

    public BrokenConnections(Database db) {
        this.db = db;
    }

    /**
     * A connection that does not work.
     *
     * @param failure why
     * @param customer the name of the end user, if the application has told it
     */
    public record Broken(
            long id, String integration, String connection, AuthFailure failure, Optional<String> customer) {}

    /** How many connections there are. */
    public record Count(long all, long broken) {
        public static final Count NONE = new Count(0, 0);
    }

    /** Newest connections first. */
    public List<Broken> list(long environment, int most) {
        return db.withHandle(handle -> handle.createQuery(BROKEN)
                .bind("environment", environment)
                .bind("most", most)
                .map((row, _) -> new Broken(
                        row.getLong("id"),
                        row.getString("integration"),
                        row.getString("connection"),
                        AuthFailure.parse(row.getString("failure")),
                        Optional.ofNullable(row.getString("customer"))))
                .list());
    }

    /** By the internal ids of integrations; those without connections are left out. */
    public Map<Long, Count> byIntegration(long environment) {
        return db.withHandle(handle -> handle.createQuery(BY_INTEGRATION)
                .bind("environment", environment)
                .reduceRows(new HashMap<>(), (counts, row) -> {
                    counts.put(
                            row.getColumn("integration_id", Long.class),
                            new Count(row.getColumn("all", Long.class), row.getColumn("broken", Long.class)));
                    return counts;
                }));
    }

    public Count count(long environment) {
        return db.withHandle(handle -> handle.createQuery(COUNT)
                .bind("environment", environment)
                .map((row, _) -> new Count(row.getLong("all"), row.getLong("broken")))
                .one());
    }
}
