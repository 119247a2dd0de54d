package dev.millrace.server.sync;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * A sync whose connection's metadata changes.
 *
 * @param function the deployed function
 * @param run the one that is running
 */
record AffectedSync(
        UUID sync, long environment, long function, Sync.State state, boolean pausedByUser, Optional<Running> run) {

    /**
     * A running execution of the sync.
     *
     * @param operation its log
     * @param holds whether it has a checkpoint or an open delete-tracking window
     */
    record Running(long id, UUID operation, boolean holds) {}

    private static final String OF_CONNECTION = """
            SELECT s.id, s.environment_id, s.state, coalesce(s.paused_by = 'user', false) AS by_user, f.id AS function,
                   r.id AS run, r.operation,
                   EXISTS (SELECT FROM checkpoint p
                            WHERE p.connection_id = s.connection_id AND p.key = k.key AND p.deleted_at IS NULL)
                   OR EXISTS (SELECT FROM delete_tracking t JOIN dataset d ON d.dataset_id = t.dataset_id
                               WHERE d.connection_id = s.connection_id AND t.sync_key = k.key) AS holds
              FROM sync s JOIN connection c ON c.id = s.connection_id
              JOIN function f ON f.integration_id = c.integration_id AND f.kind = 'sync' AND f.name = s.name
               AND f.active AND f.enabled
             CROSS JOIN LATERAL (SELECT 'sync:' || s.name || ':' || s.variant) AS k (key)
              LEFT JOIN LATERAL (SELECT id, operation, status FROM run
                                  WHERE sync_id = s.id AND kind = 'sync' ORDER BY id DESC LIMIT 1) r
                ON r.status = 'RUNNING'
             WHERE s.connection_id = :connection AND s.deleted_at IS NULL
             ORDER BY s.id
            """;

    static List<AffectedSync> of(Handle handle, long connection) {
        return handle.createQuery(OF_CONNECTION)
                .bind("connection", connection)
                .map((row, _) -> new AffectedSync(
                        row.getObject("id", UUID.class),
                        row.getLong("environment_id"),
                        row.getLong("function"),
                        Sync.State.valueOf(row.getString("state")),
                        row.getBoolean("by_user"),
                        Optional.ofNullable(row.getObject("operation", UUID.class))
                                .map(operation -> running(row, operation))))
                .list();
    }

    private static Running running(ResultSet row, UUID operation) {
        try {
            return new Running(row.getLong("run"), operation, row.getBoolean("holds"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
