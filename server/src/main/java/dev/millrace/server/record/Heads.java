package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Looks where the changes of datasets end. */
final class Heads {
    // Lookups by key, whatever the planner knows of the table; of a dataset that has not moved nothing else is read.
    private static final String MOVED = """
            SELECT w.n, d.ds, d.last_mod, d.epoch,
                   (SELECT mod FROM record WHERE ds = d.ds AND mod > 0 ORDER BY mod DESC, ord DESC LIMIT 1)
              FROM unnest(?::bigint[], ?::text[], ?::bigint[], ?::bigint[])
                     WITH ORDINALITY AS w (connection_id, model, ds, last_mod, n)
              LEFT JOIN LATERAL (
                SELECT ds, last_mod, epoch
                  FROM dataset
                 WHERE connection_id = w.connection_id AND model = w.model
                 LIMIT 1) d ON true
             WHERE coalesce(d.ds, 0) <> w.ds OR coalesce(d.last_mod, 0) <> w.last_mod
             ORDER BY w.n
            """;

    /** A dataset and where its changes ended when it was last looked at. */
    record Known(Dataset dataset, Head head) {}

    /** One that has moved since. */
    record Moved(int index, Head head) {}

    private final Transactions transactions;

    Heads(Transactions transactions) {
        this.transactions = transactions;
    }

    Head of(Dataset dataset) {
        var moved = moved(List.of(new Known(dataset, Head.NONE)));
        return moved.isEmpty() ? Head.NONE : moved.getFirst().head();
    }

    /** Those of some that have moved, in one query. */
    List<Moved> moved(List<Known> known) {
        return transactions.plainly(connection -> {
            try (var statement = connection.prepareStatement(MOVED)) {
                statement.setArray(1, array(connection, "bigint", known, k -> k.dataset().connection()));
                statement.setArray(2, array(connection, "text", known, k -> k.dataset().model()));
                statement.setArray(3, array(connection, "bigint", known, k -> k.head().ds()));
                statement.setArray(4, array(connection, "bigint", known, k -> k.head().lastMod()));
                try (var rows = statement.executeQuery()) {
                    return read(rows);
                }
            }
        });
    }

    private static List<Moved> read(ResultSet rows) throws SQLException {
        var moved = new ArrayList<Moved>();
        while (rows.next()) {
            // What is null is 0, which is what it is known as.
            var head = new Head(rows.getLong(2), rows.getLong(3), rows.getLong(4), rows.getLong(5));
            moved.add(new Moved(rows.getInt(1) - 1, head));
        }
        return moved;
    }

    private static java.sql.Array array(
            Connection connection, String type, List<Known> known, Function<Known, Object> value) throws SQLException {
        return connection.createArrayOf(type, known.stream().map(value).toArray());
    }
}
