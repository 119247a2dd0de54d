package dev.millrace.server.run;

import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.db.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** Stores the progress of functions: one small object per connection and key, guarded by a version. Thread-safe. */
public final class Checkpoints {
    private static final String LOAD = """
            SELECT CASE WHEN deleted_at IS NULL THEN value::text END AS value, version
              FROM checkpoint
             WHERE connection_id = :connection AND key = :key
            """;
    private static final String INSERT = """
            INSERT INTO checkpoint (connection_id, key, value, version)
            VALUES (:connection, :key, :value::jsonb, 1)
            ON CONFLICT DO NOTHING
            """;
    private static final String UPDATE = """
            UPDATE checkpoint SET value = :value::jsonb, version = version + 1, deleted_at = NULL
             WHERE connection_id = :connection AND key = :key AND version = :version
            """;
    private static final String CLEAR = """
            UPDATE checkpoint SET version = version + 1, deleted_at = now()
             WHERE connection_id = :connection AND key = :key AND version = :version
            """;
    private static final String RESET =
            "DELETE FROM checkpoint WHERE connection_id = :connection AND (key = :key OR starts_with(key, :key || ':'))";

    private static final String REMOVE = "DELETE FROM checkpoint WHERE connection_id = ANY (:connections)";

    private final Database db;

    public Checkpoints(Database db) {
        this.db = db;
    }

    /**
     * @param value JSON text; null when there is none or it was cleared
     * @param version 0 when there never was one
     */
    record Stored(@Nullable String value, int version) {}

    Stored load(long connection, String key) {
        return db.withHandle(handle -> handle.createQuery(LOAD)
                .bind("connection", connection)
                .bind("key", key)
                .map(Checkpoints::read)
                .findOne()
                .orElse(new Stored(null, 0)));
    }

    /** Removes those of connections, in the transaction that removes them. */
    public static void remove(Handle handle, Collection<Long> connections) {
        handle.createUpdate(REMOVE)
                .bindArray("connections", Long.class, connections)
                .execute();
    }

    /** The current value, if there is one. */
    public Optional<String> value(long connection, String key) {
        return Optional.ofNullable(load(connection, key).value());
    }

    private static Stored read(ResultSet row, StatementContext context) throws SQLException {
        return new Stored(row.getString("value"), row.getInt("version"));
    }

    /** Stores a value if the version seen last is still current; otherwise returns false. */
    boolean save(long connection, String key, String value, int seen) {
        return write(handle -> handle.createUpdate(seen == 0 ? INSERT : UPDATE)
                .bind("connection", connection)
                .bind("key", key)
                .bind("value", value)
                .bind("version", seen));
    }

    boolean clear(long connection, String key, int seen) {
        return write(handle -> handle.createUpdate(CLEAR)
                .bind("connection", connection)
                .bind("key", key)
                .bind("version", seen));
    }

    /**
     * True when it changed something. The lease is checked first, so that a process without it gets that error and not
     * a conflict.
     */
    private boolean write(Function<Handle, Update> change) {
        return db.inTransaction(handle -> {
            RunLease.check(handle);
            return change.apply(handle).execute() == 1;
        });
    }

    /** Deletes the key and all keys below it. */
    public void reset(Handle handle, long connection, String key) {
        handle.createUpdate(RESET)
                .bind("connection", connection)
                .bind("key", key)
                .execute();
    }
}
