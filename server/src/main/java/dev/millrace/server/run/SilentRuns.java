package dev.millrace.server.run;

import dev.millrace.server.db.Database;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Runs that have shown no sign of life for a long time: they saved nothing, and they have not ended. Thread-safe. */
public final class SilentRuns {
    private static final String SILENT = """
            SELECT operation, updated_at
              FROM run
             WHERE status = 'RUNNING' AND environment_id = :environment AND updated_at < :before
             ORDER BY updated_at
             LIMIT :most
            """;

    private final Database db;

    public SilentRuns(Database db) {
        this.db = db;
    }

    /** @param operation its log */
    public record Silent(UUID operation, Instant since) {}

    /** Those that were last heard of before a time, the longest silence first. */
    public List<Silent> list(long environment, Instant before, int most) {
        return db.withHandle(handle -> handle.createQuery(SILENT)
                .bind("environment", environment)
                .bind("before", Timestamp.from(before))
                .bind("most", most)
                .map((row, _) -> new Silent(
                        row.getObject("operation", UUID.class),
                        row.getTimestamp("updated_at").toInstant()))
                .list());
    }
}
