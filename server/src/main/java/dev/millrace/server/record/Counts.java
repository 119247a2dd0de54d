package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Counters of datasets, which can be read without reading records. */
final class Counts {
    private static final Sql LIVE_BY_MODEL =
            Sql.of("SELECT model, live FROM dataset WHERE connection_id = :connection");

    private static final Sql LAST_MODIFIED =
            Sql.of("SELECT last_modified FROM dataset WHERE connection_id = :connection AND model = :model");

    private static final Sql HELD = Sql.of("""
            SELECT model, live, bytes, last_modified FROM dataset WHERE connection_id = :connection ORDER BY model COLLATE "C"
            """);

    private static final Sql TOTALS = Sql.of("""
            SELECT connection_id, count(*), sum(live), max(last_modified)
              FROM dataset
             WHERE connection_id = ANY (:connections)
             GROUP BY connection_id
            """);

    private static final Sql AGING = Sql.of("""
            SELECT dataset_id, connection_id, model, last_modified < :unwritten,
                   pruned_until < :unchanged AND EXISTS (
                     SELECT FROM record r
                      WHERE r.dataset_id = d.dataset_id AND r.modified > 0 AND r.modified > d.pruned_until
                        AND r.modified <= :unchanged AND r.pruned IS NULL)
              FROM dataset d
             WHERE dataset_id > :after
             ORDER BY dataset_id
             LIMIT :limit
            """);

    private static final int LOOK = 1_000;

    private final Transactions transactions;

    Counts(Transactions transactions) {
        this.transactions = transactions;
    }

    Map<String, Long> liveByModel(long connectionId) {
        return transactions.plainly(connection ->
                LIVE_BY_MODEL.read(connection, 0, p -> p.set("connection", connectionId), rows -> {
                    var counts = new TreeMap<String, Long>();
                    while (rows.next()) {
                        counts.put(rows.getString(1), rows.getLong(2));
                    }
                    return counts;
                }));
    }

    /** The time of the last change; no record is newer. */
    Optional<Long> lastModified(Dataset dataset) {
        return transactions.plainly(connection -> LAST_MODIFIED.first(
                connection,
                p -> p.set("connection", dataset.connection()).set("model", dataset.model()),
                row -> row.getLong(1)));
    }

    List<ModelSize> sizes(long connectionId) {
        return transactions.plainly(connection -> HELD.list(
                connection,
                p -> p.set("connection", connectionId),
                row -> new ModelSize(
                        new Dataset(connectionId, row.getString(1)),
                        row.getLong(2),
                        row.getLong(3),
                        Times.instant(row.getLong(4)))));
    }

    Map<Long, ConnectionSize> totals(List<Long> connections) {
        return transactions.plainly(connection -> TOTALS.read(
                connection, 0, p -> p.array("connections", "int8", connections.toArray(Long[]::new)), rows -> {
                    var totals = new HashMap<Long, ConnectionSize>();
                    while (rows.next()) {
                        totals.put(
                                rows.getLong(1),
                                new ConnectionSize(rows.getInt(2), rows.getLong(3), Times.instant(rows.getLong(4))));
                    }
                    return totals;
                }));
    }

    AgedDatasets aged(long after, long unchanged, long unwritten) {
        return transactions.plainly(connection -> AGING.read(
                connection,
                0,
                p -> p.set("unwritten", unwritten)
                        .set("unchanged", unchanged)
                        .set("after", after)
                        .set("limit", LOOK),
                Counts::aged));
    }

    private static AgedDatasets aged(ResultSet rows) throws SQLException {
        var prunable = new ArrayList<Dataset>();
        var unwritten = new ArrayList<Dataset>();
        int seen = 0;
        long last = 0;
        while (rows.next()) {
            seen++;
            last = rows.getLong(1);
            var dataset = new Dataset(rows.getLong(2), rows.getString(3));
            if (rows.getBoolean(4)) {
                unwritten.add(dataset);
            }
            if (rows.getBoolean(5)) {
                prunable.add(dataset);
            }
        }
        return new AgedDatasets(prunable, unwritten, seen < LOOK ? OptionalLong.empty() : OptionalLong.of(last));
    }
}
