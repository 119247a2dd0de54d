package dev.millrace.server.record;

import dev.millrace.server.vault.Vault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;

/** Reads pages of records by position. */
final class Pages {
    private static final String CHANGES = """
            SELECT ext, ord, mod, first, deleted, pruned, data
              FROM record
             WHERE ds = (SELECT ds FROM dataset WHERE connection_id = ? AND model = ?) AND (mod, ord) > (?, ?)
             ORDER BY mod, ord
             LIMIT ?
            """;

    private static final String CHOSEN = """
            SELECT ext, ord, mod, first, deleted, pruned, data
              FROM record
             WHERE ds = (SELECT ds FROM dataset WHERE connection_id = ? AND model = ?) AND (mod, ord) > (?, ?)
               AND CASE WHEN deleted IS NOT NULL THEN ? WHEN first = mod THEN ? ELSE ? END
             ORDER BY mod, ord
             LIMIT ?
            """;

    private static final String DELETED = """
            SELECT ext, ord, mod, first, deleted, pruned, data
              FROM record
             WHERE ds = (SELECT ds FROM dataset WHERE connection_id = ? AND model = ?) AND (mod, ord) > (?, ?)
               AND deleted IS NOT NULL
             ORDER BY mod, ord
             LIMIT ?
            """;

    private static final String BY_ID = """
            SELECT ext, ord, mod, first, deleted, pruned, data
              FROM record
             WHERE ds = (SELECT ds FROM dataset WHERE connection_id = ? AND model = ?) AND (mod, ord) > (?, ?)
               AND CASE WHEN deleted IS NOT NULL THEN ? WHEN first = mod THEN ? ELSE ? END
               AND ext = ANY (?::text[])
             ORDER BY mod, ord
             LIMIT ?
            """;

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
        Transactions.Work<Page> work = connection -> read(connection, dataset, query);
        return query.limit() > PORTION ? transactions.commit(work) : transactions.plainly(work);
    }

    private Page read(Connection connection, Dataset dataset, RecordQuery query) throws SQLException {
        try (var statement = connection.prepareStatement(sql(query))) {
            bind(connection, statement, dataset, query);
            statement.setFetchSize(query.limit() > PORTION ? PORTION : 0);
            var json = new RecordJson(vault);
            boolean more = false;
            try (var rows = statement.executeQuery()) {
                while (!more && rows.next()) {
                    more = json.count() == query.limit() || json.length() > LARGEST_PAGE;
                    if (!more) {
                        json.add(rows);
                    }
                }
            }
            var next = more && json.count() > 0 ? Optional.of(json.last().cursor()) : Optional.<String>empty();
            return new Page(json.end(), json.count(), next);
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
        statement.setLong(1, dataset.connection());
        statement.setString(2, dataset.model());
        statement.setLong(3, from.mod());
        statement.setLong(4, from.ord());
        int next = 5;
        if (!query.ids().isEmpty() || !(query.wantsAll() || query.wantsDeletedOnly())) {
            statement.setBoolean(5, query.wants(Action.DELETED));
            statement.setBoolean(6, query.wants(Action.ADDED));
            statement.setBoolean(7, query.wants(Action.UPDATED));
            next = 8;
        }
        if (!query.ids().isEmpty()) {
            statement.setArray(next++, connection.createArrayOf("text", Ids.stored(query.ids())));
        }
        // One more than asked for shows whether there is more.
        statement.setInt(next, query.limit() + 1);
    }
}
