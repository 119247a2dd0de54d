package dev.millrace.server.sync;

import dev.millrace.server.db.Database;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Removes a sync with all of its runs one day after it was deleted. */
public final class SyncRetention {
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofHours(1));
    private static final Duration KEPT = Duration.ofDays(1);
    private static final int ROUND = 2_000;

    // Locked, so that no run begins in between: it looks at its sync under a lock.
    private static final String DELETED = """
            SELECT id FROM sync WHERE deleted_at < :before ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
            """;
    private static final String REMOVE = "DELETE FROM sync WHERE id = ANY (:ids)";
    private static final String OF_CONNECTIONS =
            "SELECT DISTINCT connection_id FROM sync WHERE connection_id = ANY (:connections)";

    private final Database db;
    private final Runs runs;

    public SyncRetention(Database db, Runs runs) {
        this.db = db;
        this.runs = runs;
    }

    public RetentionRule rule() {
        return new RetentionRule("sync-retention", PACE, KEPT, ROUND, this::remove);
    }

    /** Those of the connections that still have a sync, deleted ones included. */
    public static Set<Long> keeping(Handle handle, Collection<Long> connections) {
        return handle.createQuery(OF_CONNECTIONS)
                .bindArray("connections", Long.class, connections)
                .mapTo(Long.class)
                .set();
    }

    private int remove(Instant before, int most) {
        return db.inTransaction(handle -> {
            var deleted = handle.createQuery(DELETED)
                    .bind("before", Timestamp.from(before))
                    .bind("most", most)
                    .mapTo(UUID.class)
                    .list();
            int removed = runs.removeOf(handle, deleted, before, most);
            var busy = runs.anyOf(handle, deleted);
            int syncs = handle.createUpdate(REMOVE)
                    .bindArray(
                            "ids",
                            UUID.class,
                            deleted.stream().filter(id -> !busy.contains(id)).toList())
                    .execute();
            // With a full list there are more, unless nothing of it can go yet.
            return deleted.size() == most && removed + syncs > 0 ? most : removed;
        });
    }
}
