package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records that one transaction soft-deletes with one statement. Contents and hash are kept. */
final class Deletes {
    // ANY makes it lookups by key, whatever the planner assumed about the table's size when it made its plan.
    private static final Sql DELETE = Sql.of("""
            UPDATE record r
               SET deleted = coalesce(t.deleted, :now), modified = :now
              FROM unnest(:ids::text[], :sequences::bigint[], :times::bigint[]) AS t (external_id, sequence, deleted)
             WHERE r.dataset_id = :dataset AND r.external_id = t.external_id AND r.sequence = t.sequence AND r.deleted IS NULL
               AND r.external_id = ANY (:ids::text[])
            RETURNING r.external_id
            """);

    private final List<String> ids = new ArrayList<>();
    private final List<Long> sequences = new ArrayList<>();
    private final List<@Nullable Long> times = new ArrayList<>();

    /** @param at time of the deletion; null: now */
    void add(String id, long sequence, @Nullable Long at) {
        ids.add(id);
        sequences.add(sequence);
        times.add(at);
    }

    int count() {
        return ids.size();
    }

    /** Deletes those that are still stored under the same order and not deleted; returns their ids. */
    List<String> write(Connection connection, Locked dataset) throws SQLException {
        if (ids.isEmpty()) {
            return List.of();
        }
        return DELETE.list(
                connection,
                p -> p.set("now", dataset.now())
                        .array("ids", "text", ids.toArray())
                        .array("sequences", "int8", sequences.toArray())
                        .array("times", "int8", times.toArray())
                        .set("dataset", dataset.datasetId()),
                row -> row.getString(1));
    }
}
