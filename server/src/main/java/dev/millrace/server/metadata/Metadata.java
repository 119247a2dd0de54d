package dev.millrace.server.metadata;

import dev.millrace.server.db.Database;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/**
 * The door of the room: the one JSON object of a connection. Each write is a single statement on the stored value, so
 * concurrent merges lose nothing; several connections change together or not at all. Thread-safe.
 */
public final class Metadata {
    private static final String SCOPE = """
              FROM integration i
             WHERE i.id = c.integration_id AND i.environment_id = :environment AND i.unique_key = :integration
               AND i.deleted_at IS NULL AND c.deleted_at IS NULL AND c.connection_id = ANY (:ids)
            """;
    private static final String REPLACE = "UPDATE connection c SET metadata = :metadata::jsonb " + SCOPE;
    private static final String MERGE =
            "UPDATE connection c SET metadata = coalesce(c.metadata, '{}') || :metadata::jsonb " + SCOPE;
    // Locks in one order, so that two calls with the same connections in different orders cannot deadlock.
    private static final String LOCK = """
            SELECT c.connection_id
              FROM connection c JOIN integration i ON i.id = c.integration_id
             WHERE i.environment_id = :environment AND i.unique_key = :integration AND i.deleted_at IS NULL
               AND c.deleted_at IS NULL AND c.connection_id = ANY (:ids)
             ORDER BY c.id
               FOR NO KEY UPDATE OF c
            """;

    private final Database db;

    public Metadata(Database db) {
        this.db = db;
    }

    /** How given metadata and stored metadata become one. */
    public enum Change {
        /** The given object replaces the stored one. */
        REPLACE(Metadata.REPLACE),
        /** The given object's top-level keys replace those of the stored one. */
        MERGE(Metadata.MERGE);

        private final String statement;

        Change(String statement) {
            this.statement = statement;
        }
    }

    /** A connection that does not exist; nothing was written. */
    public static final class UnknownConnection extends RuntimeException {
        private final String connectionId;

        UnknownConnection(String connectionId) {
            super(connectionId, null, false, false);
            this.connectionId = connectionId;
        }

        public String connectionId() {
            return connectionId;
        }
    }

    /** An object that PostgreSQL cannot hold; nothing was written. */
    public static final class Unstorable extends RuntimeException {
        Unstorable(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Changes the metadata of all the named connections or of none.
     *
     * @param object JSON text of an object
     */
    public void write(long environment, String integration, List<String> connectionIds, Change change, String object) {
        try {
            if (connectionIds.size() == 1) {
                writeOne(environment, integration, connectionIds, change, object);
            } else if (!connectionIds.isEmpty()) {
                db.useTransaction(handle -> {
                    lockAll(handle, environment, integration, connectionIds);
                    update(handle, environment, integration, connectionIds, change, object);
                });
            }
        } catch (UnableToExecuteStatementException e) {
            // Class 22: data exception, such as a NUL character or half of a surrogate pair.
            if (e.getCause() instanceof SQLException cause
                    && String.valueOf(cause.getSQLState()).startsWith("22")) {
                throw new Unstorable(String.valueOf(cause.getMessage()));
            }
            throw e;
        }
    }

    private void writeOne(long environment, String integration, List<String> ids, Change change, String object) {
        int written = db.withHandle(handle -> update(handle, environment, integration, ids, change, object));
        if (written == 0) {
            throw new UnknownConnection(ids.getFirst());
        }
    }

    private static void lockAll(Handle handle, long environment, String integration, List<String> ids) {
        var found = new HashSet<>(handle.createQuery(LOCK)
                .bind("environment", environment)
                .bind("integration", integration)
                .bindArray("ids", String.class, ids)
                .mapTo(String.class)
                .list());
        for (var id : ids) {
            if (!found.contains(id)) {
                throw new UnknownConnection(id);
            }
        }
    }

    private static int update(
            Handle handle, long environment, String integration, List<String> ids, Change change, String object) {
        return handle.createUpdate(change.statement)
                .bind("environment", environment)
                .bind("integration", integration)
                .bindArray("ids", String.class, ids)
                .bind("metadata", object)
                .execute();
    }
}
