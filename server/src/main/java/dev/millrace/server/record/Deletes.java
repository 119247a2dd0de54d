package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records that one transaction soft-deletes with one statement. Contents and hash are kept. */
final class Deletes {
    // ANY makes it lookups by key, whatever the planner assumed about the table's size when it made its plan.
    private static final String DELETE = """
            UPDATE record r
               SET deleted = coalesce(t.deleted, ?), modified = ?
              FROM unnest(?::text[], ?::bigint[], ?::bigint[]) AS t (external_id, sequence, deleted)
             WHERE r.dataset_id = ? AND r.external_id = t.external_id AND r.sequence = t.sequence AND r.deleted IS NULL
               AND r.external_id = ANY (?::text[])
            RETURNING r.external_id
            """;

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
        var deleted = new ArrayList<String>(ids.size());
        if (ids.isEmpty()) {
            return deleted;
        }
        try (var statement = connection.prepareStatement(DELETE)) {
            statement.setLong(1, dataset.now());
            statement.setLong(2, dataset.now());
            statement.setArray(3, connection.createArrayOf("text", ids.toArray()));
            statement.setArray(4, connection.createArrayOf("int8", sequences.toArray()));
            statement.setArray(5, connection.createArrayOf("int8", times.toArray()));
            statement.setLong(6, dataset.datasetId());
            statement.setArray(7, connection.createArrayOf("text", ids.toArray()));
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    deleted.add(rows.getString(1));
                }
            }
        }
        return deleted;
    }
}
