package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a dataset holds of a batch at one moment, without its lock. As long as {@code lastModified} stays what it is, so does
 * all of this.
 *
 * @param watched whether it is to be noted which records the writer was given
 * @param same for each text the order of the stored record, where the very text is stored and alive and nothing has to be
 *     done; else {@link #OTHER}
 * @param stored for each other text what is stored under its id; null where nothing is
 */
record StoredSnapshot(
        long datasetId,
        long lastModified,
        boolean watched,
        long[] same,
        @Nullable Stored[] stored) {
    static final long OTHER = -1;

    // Most batches contain records that are stored already. This query reads so little that it takes half the time of
    // Stored.states: one index scan for all ids, one row as the result. ANY makes it lookups by key, whatever the
    // planner knew about the table when it made its plan. A hash of sixteen zero bytes matches no record.
    private static final Sql HELD = Sql.of("""
            SELECT d.dataset_id, d.last_modified, d.windows > 0, h.ids, h.text_hashes, h.sequences
              FROM dataset d
             CROSS JOIN LATERAL (
                     SELECT array_agg(r.external_id) AS ids,
                            string_agg(CASE WHEN r.text_hash IS NULL OR r.deleted IS NOT NULL OR r.pruned IS NOT NULL
                                            THEN '\\x00000000000000000000000000000000'::bytea ELSE r.text_hash END,
                                       ''::bytea) AS text_hashes,
                            array_agg(r.sequence) FILTER (WHERE :keeps OR d.windows > 0) AS sequences
                       FROM record r
                      WHERE r.dataset_id = d.dataset_id AND r.external_id = ANY (:ids::text[])) h
             WHERE d.connection_id = :connection AND d.model = :model
            """);

    /** Empty when there is no such dataset. */
    static Optional<StoredSnapshot> at(Connection connection, Dataset dataset, Writer writer, Batch batch)
            throws SQLException {
        var others = new ArrayList<Integer>();
        var snapshot = HELD.first(
                connection,
                p -> p.set("keeps", writer.keepsSeen())
                        .array("ids", "text", batch.ids())
                        .set("connection", dataset.connection())
                        .set("model", dataset.model()),
                row -> {
                    var read = new StoredSnapshot(
                            row.getLong(1),
                            row.getLong(2),
                            row.getBoolean(3) || writer.keepsSeen(),
                            new long[batch.count()],
                            new @Nullable Stored[batch.count()]);
                    read.compare(row, writer, batch, others);
                    return read;
                });
        if (snapshot.isPresent()) {
            snapshot.get().ask(connection, batch, others);
        }
        return snapshot;
    }

    /** Determines which texts are identical; the others with a stored record are added to a list. */
    private void compare(ResultSet row, Writer writer, Batch batch, List<Integer> others) throws SQLException {
        Arrays.fill(same, OTHER);
        var ids = row.getArray(4);
        if (ids == null) {
            return;
        }
        var textHashes = row.getBytes(5);
        var sequences = row.getArray(6);
        var orders = sequences == null ? null : (Long[]) sequences.getArray();
        int at = 0;
        for (var id : (String[]) ids.getArray()) {
            int index = batch.indexOf(id);
            // The guard needs modification times, which this query does not read.
            if (writer.guard().isEmpty() && batch.isRaw(index, textHashes, at * Hashes.LENGTH)) {
                same[index] = orders == null ? 0 : orders[at];
            } else {
                others.add(index);
            }
            at++;
        }
    }

    private void ask(Connection connection, Batch batch, List<Integer> others) throws SQLException {
        if (others.isEmpty()) {
            return;
        }
        var found = Stored.states(connection, datasetId, batch, others);
        for (int i = 0; i < found.length; i++) {
            stored[others.get(i)] = found[i];
        }
    }

    boolean isSame(int index) {
        return same[index] != OTHER;
    }

    /** Whether nothing has to be written. */
    boolean settlesAll() {
        if (watched) {
            return false;
        }
        for (long one : same) {
            if (one == OTHER) {
                return false;
            }
        }
        return true;
    }
}
