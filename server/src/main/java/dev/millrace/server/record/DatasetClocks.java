package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/** Reads the state of many datasets at once. */
final class DatasetClocks {
    // LIMIT makes it a lookup per dataset, whatever the planner assumes about the table.
    private static final Sql CLOCKS = Sql.of("""
            SELECT w.n, d.dataset_id, d.epoch, d.last_modified
              FROM unnest(:connections::bigint[], :models::text[]) WITH ORDINALITY AS w (connection_id, model, n)
             CROSS JOIN LATERAL (
                SELECT dataset_id, epoch, last_modified FROM dataset
                 WHERE connection_id = w.connection_id AND model = w.model
                 LIMIT 1) d
            """);

    private final Transactions transactions;

    DatasetClocks(Transactions transactions) {
        this.transactions = transactions;
    }

    /** The state of each dataset, in the given order. */
    DatasetClock[] read(List<Dataset> datasets) {
        return transactions.plainly(connection -> read(connection, datasets));
    }

    private static DatasetClock[] read(Connection connection, List<Dataset> datasets) throws SQLException {
        var clocks = new DatasetClock[datasets.size()];
        Arrays.fill(clocks, DatasetClock.ABSENT);
        var connections = datasets.stream().map(Dataset::connection).toArray(Long[]::new);
        var models = datasets.stream().map(Dataset::model).toArray(String[]::new);
        return CLOCKS.read(
                connection,
                0,
                p -> p.array("connections", "int8", connections).array("models", "text", models),
                rows -> {
                    while (rows.next()) {
                        clocks[rows.getInt(1) - 1] =
                                new DatasetClock(rows.getLong(2), rows.getLong(3), rows.getLong(4));
                    }
                    return clocks;
                });
    }
}
