package dev.millrace.server.record;

import dev.millrace.server.http.Failure;
import dev.millrace.server.vault.Vault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;

/** Reads pages of records by position. */
final class Pages {
    // The dataset is looked up once, and by itself: a join would cost the plan the order of the index.
    private static final String RECORDS = """
            WITH d AS MATERIALIZED (SELECT ds, epoch FROM dataset WHERE connection_id = ? AND model = ?)
            SELECT ext, ord, mod, first, deleted, pruned, data, (SELECT epoch FROM d)
              FROM record
             WHERE ds = (SELECT ds FROM d) AND mod > 0 AND (mod, ord) > (?, ?)
            """;

    private static final String IN_ORDER = """
             ORDER BY mod, ord
             LIMIT ?
            """;

    private static final String OF_ACTIONS = """
               AND CASE WHEN deleted IS NOT NULL THEN ? WHEN first = mod THEN ? ELSE ? END
            """;

    private static final String CHANGES = RECORDS + IN_ORDER;
    private static final String CHOSEN = RECORDS + OF_ACTIONS + IN_ORDER;
    private static final String DELETED = RECORDS + " AND deleted IS NOT NULL" + IN_ORDER;

    // What is asked for is found by key before anything else is looked at: it is little, the dataset may be large.
    private static final String BY_ID = """
            WITH d AS MATERIALIZED (SELECT ds, epoch FROM dataset WHERE connection_id = ? AND model = ?),
                 found AS MATERIALIZED (SELECT * FROM record WHERE ds = (SELECT ds FROM d) AND ext = ANY (?::text[]))
            SELECT ext, ord, mod, first, deleted, pruned, data, (SELECT epoch FROM d)
              FROM found
             WHERE (mod, ord) > (?, ?)
            """ + OF_ACTIONS + IN_ORDER;

    private static final String EPOCH = "SELECT epoch FROM dataset WHERE connection_id = ? AND model = ?";

    /** Pages above this are fetched in portions, so that large records do not fill the memory. */
    private static final int PORTION = 500;

    private static final int LARGEST_PAGE = 64 * 1024 * 1024;

    private final Transactions transactions;
    private final Vault vault;

    Pages(Transactions transactions, Vault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    Page list(Dataset dataset, RecordQuery query) {
        return list(dataset, query, LARGEST_PAGE);
    }

    /** @param bytes after how many no further record is added */
    Page list(Dataset dataset, RecordQuery query, int bytes) {
        Transactions.Work<Page> work = connection -> read(connection, dataset, query, bytes);
        return query.limit() > PORTION ? transactions.commit(work) : transactions.plainly(work);
    }

    private Page read(Connection connection, Dataset dataset, RecordQuery query, int bytes) throws SQLException {
        try (var statement = connection.prepareStatement(sql(query))) {
            bind(connection, statement, dataset, query);
            statement.setFetchSize(query.limit() > PORTION ? PORTION : 0);
            var json = new RecordJson(vault, query.limit());
            boolean more = false;
            try (var rows = statement.executeQuery()) {
                while (!more && rows.next()) {
                    more = json.count() == query.limit() || json.length() > bytes;
                    if (!more) {
                        json.add(rows);
                    }
                }
            }
            if (query.strict() && query.after().isPresent()) {
                long epoch = json.count() > 0 ? json.last().epoch() : epoch(connection, dataset);
                checkEpoch(query.after().get(), epoch);
            }
            var next = more && json.count() > 0 ? Optional.of(json.last().cursor()) : Optional.<String>empty();
            return json.end(next);
        }
    }

    /** Of an empty page, asked for after it: what was emptied meanwhile is noticed now or with the next page. */
    private static long epoch(Connection connection, Dataset dataset) throws SQLException {
        try (var statement = connection.prepareStatement(EPOCH)) {
            statement.setLong(1, dataset.connection());
            statement.setString(2, dataset.model());
            try (var row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : -1;
            }
        }
    }

    private static void checkEpoch(Position after, long epoch) {
        if (after.epoch() != epoch) {
            throw Failure.plain(
                    410,
                    "cursor_expired",
                    "The records this cursor was read from have been emptied or removed since. Forget what you keep of"
                            + " them and read again without a cursor.");
        }
    }

    private static String sql(RecordQuery query) {
        if (!query.ids().isEmpty()) {
            return BY_ID;
        }
        if (query.wantsAll()) {
            return CHANGES;
        }
        return query.wantsDeletedOnly() ? DELETED : CHOSEN;
    }

    private static void bind(Connection connection, PreparedStatement statement, Dataset dataset, RecordQuery query)
            throws SQLException {
        var from = query.from();
        int next = 1;
        statement.setLong(next++, dataset.connection());
        statement.setString(next++, dataset.model());
        if (!query.ids().isEmpty()) {
            statement.setArray(next++, connection.createArrayOf("text", Ids.stored(query.ids())));
        }
        statement.setLong(next++, from.mod());
        statement.setLong(next++, from.ord());
        if (!query.ids().isEmpty() || !(query.wantsAll() || query.wantsDeletedOnly())) {
            statement.setBoolean(next++, query.wants(Action.DELETED));
            statement.setBoolean(next++, query.wants(Action.ADDED));
            statement.setBoolean(next++, query.wants(Action.UPDATED));
        }
        // One more than asked for shows whether there is more.
        statement.setInt(next, query.limit() + 1);
    }
}
