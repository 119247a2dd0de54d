package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The changed records of a batch, written by one statement. With new contents they are neither deleted nor pruned. */
final class Updates {
    // ANY makes it lookups by key, whatever the planner assumed about the table's size when it made its plan.
    private static final Sql UPDATE = Sql.of("""
            UPDATE record r
               SET modified = t.modified, first_seen = t.first_seen, deleted = NULL, pruned = NULL,
                   hash = t.hash, text_hash = t.text_hash, size = t.size, data = t.data
              FROM unnest(:ids::text[], :modified::bigint[], :firstSeen::bigint[], :hashes::bytea[], :textHashes::bytea[], :sizes::int[], :data::bytea[])
                   AS t (external_id, modified, first_seen, hash, text_hash, size, data)
             WHERE r.dataset_id = :dataset AND r.external_id = t.external_id AND r.external_id = ANY (:ids::text[])
            """);

    /** Stands for the time of the transaction, which is known only under the lock. */
    static final long NOW = -1;

    private record Update(Payload payload, byte[] textHash, long modified, long firstSeen, byte[] sealed) {}

    private final List<Update> all = new ArrayList<>();

    void add(Payload payload, byte[] textHash, long modified, long firstSeen, byte[] sealed) {
        all.add(new Update(payload, textHash, modified, firstSeen, sealed));
    }

    int count() {
        return all.size();
    }

    void write(Connection connection, Locked dataset) throws SQLException {
        if (all.isEmpty()) {
            return;
        }
        var ids = all.stream().map(u -> u.payload.id()).toArray(String[]::new);
        var modified = all.stream().mapToLong(u -> time(u.modified, dataset)).toArray();
        var firstSeen = all.stream().mapToLong(u -> time(u.firstSeen, dataset)).toArray();
        var hashes = all.stream().map(u -> u.payload.hash()).toArray(byte[][]::new);
        var textHashes = all.stream().map(Update::textHash).toArray(byte[][]::new);
        var sizes = all.stream().mapToInt(u -> u.payload.json().length).toArray();
        var data = all.stream().map(Update::sealed).toArray(byte[][]::new);
        UPDATE.update(
                connection,
                p -> p.array("ids", "text", ids)
                        .set("modified", modified)
                        .set("firstSeen", firstSeen)
                        .array("hashes", "bytea", hashes)
                        .array("textHashes", "bytea", textHashes)
                        .set("sizes", sizes)
                        .array("data", "bytea", data)
                        .set("dataset", dataset.datasetId()));
    }

    private static long time(long time, Locked dataset) {
        return time == NOW ? dataset.now() : time;
    }
}
