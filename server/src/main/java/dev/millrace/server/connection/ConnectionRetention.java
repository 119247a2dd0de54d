package dev.millrace.server.connection;

import dev.millrace.server.db.Database;
import dev.millrace.server.metadata.MetadataRetention;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import org.jdbi.v3.core.Handle;

/**
 * Removes connections 31 days after they were deleted, with their credentials, metadata and checkpoints; their syncs
 * and records went before.
 */
public final class ConnectionRetention {
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofHours(1));
    private static final Duration KEPT = Duration.ofDays(31);
    private static final int ROUND = 500;

    // Goes on after the connections that had to stay, so that these do not keep it from the others.
    private static final String DELETED = """
            SELECT id, deleted_at
              FROM connection
             WHERE deleted_at < :before AND (deleted_at, id) > (:deletedAt, :id)
             ORDER BY deleted_at, id
             LIMIT :most
            """;
    private static final String REMOVE = "DELETE FROM connection WHERE id = ANY (:ids)";
    private static final Place START = new Place(0, Timestamp.from(Instant.EPOCH));

    private final Database db;
    private final MetadataRetention metadata;
    private final ConnectionDependents dependents;
    private volatile Place after = START;

    public ConnectionRetention(Database db, MetadataRetention metadata, ConnectionDependents dependents) {
        this.db = db;
        this.metadata = metadata;
        this.dependents = dependents;
    }

    private record Place(long id, Timestamp deletedAt) {}

    public RetentionRule rule() {
        return new RetentionRule("connection-retention", PACE, KEPT, ROUND, this::remove);
    }

    private int remove(Instant before, int most) {
        return db.inTransaction(handle -> remove(handle, before, most));
    }

    private int remove(Handle handle, Instant before, int most) {
        var found = handle.createQuery(DELETED)
                .bind("before", Timestamp.from(before))
                .bind("deletedAt", after.deletedAt)
                .bind("id", after.id)
                .bind("most", most)
                .map((row, _) -> new Place(row.getLong("id"), row.getTimestamp("deleted_at")))
                .list();
        after = found.size() == most ? found.getLast() : START;
        var ids = found.stream().map(Place::id).toList();
        var staying = dependents.keeping(handle, ids);
        var going = ids.stream().filter(id -> !staying.contains(id)).toList();
        metadata.remove(handle, going);
        dependents.remove(handle, going);
        handle.createUpdate(REMOVE).bindArray("ids", Long.class, going).execute();
        return found.size();
    }
}
