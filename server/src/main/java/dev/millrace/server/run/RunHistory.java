package dev.millrace.server.run;

import dev.millrace.server.db.Database;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.RowView;

/** The outcomes of earlier runs, and whether one is running in any process. Thread-safe. */
public final class RunHistory {
    private static final String LEFT = """
            SELECT status, metadata_changed, metadata_seen,
                   coalesce((SELECT m.version FROM metadata m WHERE m.connection_id = run.connection_id), 0) AS current
              FROM run
             WHERE sync_id = :sync AND kind = 'sync'
             ORDER BY id DESC
             LIMIT 2
            """;
    private static final String UNDER_WAY = """
            SELECT EXISTS (SELECT FROM run WHERE connection_id = :connection AND status = 'RUNNING' AND updated_at > :since)
            """;

    /** The limit for functions that kill their workers, and for workers that cannot start. */
    public static final int MOST_LOST_IN_A_ROW = 4;

    private static final String LOST_IN_A_ROW = """
            SELECT count(*)
              FROM (SELECT bool_and(coalesce(error ->> 'type' = ANY (:lost), false)) OVER (ORDER BY id DESC) AS lost
                      FROM (SELECT id, error FROM run WHERE sync_id = :sync AND kind = 'sync' ORDER BY id DESC LIMIT :most) r) rows
             WHERE lost
            """;

    // A run that was interrupted at a checkpoint counts as successful.
    private static final String LAST = """
            SELECT s.id, r.type, r.result::text, r.updated_at,
                   CASE WHEN r.error ->> 'type' = 'execution_interrupted' THEN 'SUCCESS' ELSE r.status END AS status
              FROM unnest(:syncs::uuid[]) AS s (id)
             CROSS JOIN LATERAL (SELECT * FROM run WHERE run.sync_id = s.id ORDER BY run.id DESC LIMIT 1) r
            """;

    private final Database db;

    RunHistory(Database db) {
        this.db = db;
    }

    /**
     * The newest run of a sync.
     *
     * @param status RUNNING, SUCCESS or STOPPED
     * @param result JSON text
     */
    public record Last(String type, String status, String result, Instant updatedAt) {}

    /**
     * What the next run of a sync needs to know about the previous one.
     *
     * @param metadataChanged whether others changed the metadata under its checkpoint or delete-tracking window
     * @param metadataSeen the newest version that it began with or wrote itself; empty when unknown
     * @param metadataVersion the current version
     */
    public record Left(String status, boolean metadataChanged, OptionalLong metadataSeen, long metadataVersion) {
        public boolean running() {
            return status.equals("RUNNING");
        }

        public boolean succeeded() {
            return status.equals("SUCCESS");
        }

        /** Whether others have changed the metadata since the run began. */
        public boolean stale() {
            return metadataSeen.isPresent() && metadataSeen.getAsLong() != metadataVersion;
        }
    }

    /** The last run of each of the syncs that has one. */
    public Map<UUID, Last> last(Handle handle, List<UUID> syncs) {
        return handle.createQuery(LAST)
                .bindArray("syncs", UUID.class, syncs)
                .reduceRows(new HashMap<>(), (found, row) -> {
                    found.put(row.getColumn("id", UUID.class), read(row));
                    return found;
                });
    }

    private static Last read(RowView row) {
        return new Last(
                row.getColumn("type", String.class),
                row.getColumn("status", String.class),
                row.getColumn("result", String.class),
                row.getColumn("updated_at", Instant.class));
    }

    /** The last two runs of a sync by its schedule or by a trigger, newest first. */
    public List<Left> left(UUID sync) {
        return db.withHandle(handle -> handle.createQuery(LEFT)
                .bind("sync", sync)
                .map((row, _) -> new Left(
                        row.getString("status"),
                        row.getBoolean("metadata_changed"),
                        row.getObject("metadata_seen") == null
                                ? OptionalLong.empty()
                                : OptionalLong.of(row.getLong("metadata_seen")),
                        row.getLong("current")))
                .list());
    }

    /**
     * How many of the last consecutive runs of a sync were lost with their worker or the database. Counts up to the
     * limit only.
     */
    public int lostInARow(Handle handle, UUID sync, int most) {
        return handle.createQuery(LOST_IN_A_ROW)
                .bind("sync", sync)
                .bindArray("lost", String.class, RunEndings.RESUMED)
                .bind("most", most)
                .mapTo(Integer.class)
                .one();
    }

    /**
     * Whether any function runs on a connection, in any process. Runs not updated since {@code since} count as lost.
     */
    public boolean isAnyActive(long connection, Instant since) {
        return db.withHandle(handle -> handle.createQuery(UNDER_WAY)
                .bind("connection", connection)
                .bind("since", Timestamp.from(since))
                .mapTo(Boolean.class)
                .one());
    }
}
