package dev.millrace.server.record;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is known of datasets without looking at their records. */
final class Counts {
    private static final String LIVE_BY_MODEL = "SELECT model, live FROM dataset WHERE connection_id = ?";

    private static final String LAST_MOD = "SELECT last_mod FROM dataset WHERE connection_id = ? AND model = ?";

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

    /** The time of the last change, which no record exceeds. */
    Optional<Long> lastMod(Dataset dataset) {
        return transactions.plainly(connection -> {
            try (var statement = connection.prepareStatement(LAST_MOD)) {
                statement.setLong(1, dataset.connection());
                statement.setString(2, dataset.model());
                try (var row = statement.executeQuery()) {
                    return row.next() ? Optional.of(row.getLong(1)) : Optional.empty();
                }
            }
        });
    }
}
