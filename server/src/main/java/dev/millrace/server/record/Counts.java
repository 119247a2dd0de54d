package dev.millrace.server.record;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Counters of datasets, which can be read without reading records. */
final class Counts {
    private static final String LIVE_BY_MODEL = "SELECT model, live FROM dataset WHERE connection_id = ?";

    private static final String LAST_MODIFIED =
            "SELECT last_modified FROM dataset WHERE connection_id = ? AND model = ?";

    private static final String HELD = """
            SELECT model, live, bytes, last_modified FROM dataset WHERE connection_id = ? ORDER BY model COLLATE "C"
            """;

    private static final String AGING = """
            SELECT dataset_id, connection_id, model, last_modified < ?,
                   pruned_until < ? AND EXISTS (
                     SELECT FROM record r
                      WHERE r.dataset_id = d.dataset_id AND r.modified > 0 AND r.modified > d.pruned_until
                        AND r.modified <= ? AND r.pruned IS NULL)
              FROM dataset d
             WHERE dataset_id > ?
             ORDER BY dataset_id
             LIMIT ?
            """;

    private static final int LOOK = 1_000;

    private final Transactions transactions;

    Counts(Transactions transactions) {
        this.transactions = transactions;
    }

    Map<String, Long> liveByModel(long connectionId) {
        return transactions.plainly(connection -> {
            try (var statement = connection.prepareStatement(LIVE_BY_MODEL)) {
                statement.setLong(1, connectionId);
                try (var rows = statement.executeQuery()) {
                    var counts = new TreeMap<String, Long>();
                    while (rows.next()) {
                        counts.put(rows.getString(1), rows.getLong(2));
                    }
                    return counts;
                }
            }
        });
    }

    /** The time of the last change; no record is newer. */
    Optional<Long> lastModified(Dataset dataset) {
        return transactions.plainly(connection -> {
            try (var statement = connection.prepareStatement(LAST_MODIFIED)) {
                statement.setLong(1, dataset.connection());
                statement.setString(2, dataset.model());
                try (var row = statement.executeQuery()) {
                    return row.next() ? Optional.of(row.getLong(1)) : Optional.empty();
                }
            }
        });
    }

    List<Held> held(long connectionId) {
        return transactions.plainly(connection -> {
            try (var statement = connection.prepareStatement(HELD)) {
                statement.setLong(1, connectionId);
                try (var rows = statement.executeQuery()) {
                    var held = new ArrayList<Held>();
                    while (rows.next()) {
                        var dataset = new Dataset(connectionId, rows.getString(1));
                        held.add(new Held(dataset, rows.getLong(2), rows.getLong(3), Times.instant(rows.getLong(4))));
                    }
                    return held;
                }
            }
        });
    }

    Aging aging(long after, long unchanged, long unwritten) {
        return transactions.plainly(connection -> {
            try (var statement = connection.prepareStatement(AGING)) {
                statement.setLong(1, unwritten);
                statement.setLong(2, unchanged);
                statement.setLong(3, unchanged);
                statement.setLong(4, after);
                statement.setInt(5, LOOK);
                try (var rows = statement.executeQuery()) {
                    return aging(rows);
                }
            }
        });
    }

    private static Aging aging(ResultSet rows) throws SQLException {
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
        return new Aging(prunable, unwritten, seen < LOOK ? OptionalLong.empty() : OptionalLong.of(last));
    }
}
