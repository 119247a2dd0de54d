package dev.millrace.server.metadata;

import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import org.jdbi.v3.core.Handle;

/** Removes the metadata of connections that are removed, and changes that nobody took for 31 days. */
public final class MetadataRetention {
    private static final Pace PACE = new Pace(Duration.ofMillis(200), Duration.ofHours(1));
    private static final Duration KEPT = Duration.ofDays(31);
    private static final int ROUND = 500;

    private static final String REMOVE = "DELETE FROM metadata WHERE connection_id = ANY (:ids)";
    private static final String REMOVE_HISTORY = "DELETE FROM metadata_history WHERE connection_id = ANY (:ids)";
    private static final String REMOVE_CHANGES = """
            DELETE FROM metadata_outbox
             WHERE id IN (SELECT id FROM metadata_outbox ORDER BY id LIMIT :most) AND changed_at < :before
            """;

    private final Database db;

    public MetadataRetention(Database db) {
        this.db = db;
    }

    public RetentionRule rule() {
        return new RetentionRule("metadata-change-retention", PACE, KEPT, ROUND, this::removeChanges);
    }

    /** Removes what is stored for connections, in the transaction that removes them. */
    public void remove(Handle handle, Collection<Long> connections) {
        for (var sql : new String[] {REMOVE, REMOVE_HISTORY}) {
            handle.createUpdate(sql).bindArray("ids", Long.class, connections).execute();
        }
    }

    private int removeChanges(Instant before, int most) {
        return db.withHandle(handle -> handle.createUpdate(REMOVE_CHANGES)
                .bind("before", Timestamp.from(before))
                .bind("most", most)
                .execute());
    }
}
