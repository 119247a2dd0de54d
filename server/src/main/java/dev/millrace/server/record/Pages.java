package dev.millrace.server.record;

import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Failure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads pages of records by position. */
final class Pages {
    private static final Statements OF_DATASET = Statements.of("connection_id = ?");

    // The common case, an existing dataset with records, is read by one query that starts from the public names.
    private static final Statements OF_ADDRESS = Statements.of("""
            connection_id = (SELECT id
                               FROM connection_address
                              WHERE environment_id = ? AND integration = ? AND connection = ?)""");

    private static final String EPOCH = "SELECT epoch FROM dataset WHERE connection_id = ? AND model = ?";

    /** Larger pages are fetched in portions, so that large records do not fill the memory. */
    private static final int PORTION = 500;

    private static final int LARGEST_PAGE = 64 * 1024 * 1024;

    private final Transactions transactions;
    private final Encryption encryption;
    private final PageBuffers buffers = new PageBuffers();

    Pages(Transactions transactions, Encryption encryption) {
        this.transactions = transactions;
        this.encryption = encryption;
    }

    Page list(Dataset dataset, RecordQuery query) {
        return list(dataset, query, LARGEST_PAGE);
    }

    /** @param bytes no further record is added beyond this size */
    Page list(Dataset dataset, RecordQuery query, int bytes) {
        var page = fetch(
                OF_DATASET, query, new byte[PageBuffers.FIRST], bytes, (statement, at) -> bind(statement, at, dataset));
        if (page.count() == 0) {
            checkEpoch(query, dataset);
        }
        return page;
    }

    /**
     * Writes the page into an array that {@link #done} gets back.
     *
     * @param dataset looks up the address, or throws an error that says what is missing; called only when no records
     * are found
     */
    Page list(Address address, RecordQuery query, Supplier<Dataset> dataset) {
        var page =
                fetch(OF_ADDRESS, query, buffers.take(), LARGEST_PAGE, (statement, at) -> bind(statement, at, address));
        if (page.count() == 0) {
            checkEpoch(query, dataset.get());
        }
        return page;
    }

    /** The page is no longer needed. */
    void done(Page page) {
        buffers.give(page.buffer());
    }

    private Page fetch(Statements statements, RecordQuery query, byte[] into, int bytes, Binder where) {
        Transactions.Work<Page> work = connection -> read(connection, statements.to(query), query, into, bytes, where);
        return query.limit() > PORTION ? transactions.commit(work) : transactions.plainly(work);
    }

    private Page read(Connection connection, String sql, RecordQuery query, byte[] into, int bytes, Binder where)
            throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            bind(connection, statement, where.bind(statement, 1), query);
            statement.setFetchSize(query.limit() > PORTION ? PORTION : 0);
            var json = new RecordJson(encryption, query.limit(), into);
            boolean more = false;
            try (var rows = statement.executeQuery()) {
                while (!more && rows.next()) {
                    more = json.count() == query.limit() || json.length() > bytes;
                    if (!more) {
                        json.add(rows);
                    }
                }
            }
            if (query.strict() && query.after().isPresent() && json.count() > 0) {
                checkEpoch(query.after().get(), json.last().epoch());
            }
            var next = more && json.count() > 0 ? Optional.of(json.last().cursor()) : Optional.<String>empty();
            return json.end(next);
        }
    }

    private void checkEpoch(RecordQuery query, Dataset dataset) {
        if (query.strict() && query.after().isPresent()) {
            checkEpoch(query.after().get(), transactions.plainly(connection -> epoch(connection, dataset)));
        }
    }

    /** Read after the empty page, so that emptied contents are noticed now or with the next page. */
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

    private static int bind(PreparedStatement statement, int at, Dataset dataset) throws SQLException {
        statement.setLong(at, dataset.connection());
        statement.setString(at + 1, dataset.model());
        return at + 2;
    }

    private static int bind(PreparedStatement statement, int at, Address address) throws SQLException {
        statement.setLong(at, address.environment());
        statement.setString(at + 1, address.integration());
        statement.setString(at + 2, address.connection());
        statement.setString(at + 3, address.model());
        return at + 4;
    }

    private static void bind(Connection connection, PreparedStatement statement, int at, RecordQuery query)
            throws SQLException {
        var from = query.from();
        int next = at;
        if (!query.ids().isEmpty()) {
            statement.setArray(next++, connection.createArrayOf("text", Ids.stored(query.ids())));
        }
        statement.setLong(next++, from.modified());
        statement.setLong(next++, from.sequence());
        if (!query.ids().isEmpty() || !(query.wantsAll() || query.wantsDeletedOnly())) {
            statement.setBoolean(next++, query.wants(Action.DELETED));
            statement.setBoolean(next++, query.wants(Action.ADDED));
            statement.setBoolean(next++, query.wants(Action.UPDATED));
        }
        // One more than requested is read to know whether there is another page.
        statement.setInt(next, query.limit() + 1);
    }

    /** Binds the parameters that identify a dataset. */
    private interface Binder {
        /** @return index of the next parameter */
        int bind(PreparedStatement statement, int at) throws SQLException;
    }

    /** The statements for one way to identify a dataset. */
    private record Statements(String changes, String chosen, String deleted, String byId) {
        private static final String IN_ORDER = """
                 ORDER BY modified, sequence
                 LIMIT ?
                """;

        private static final String OF_ACTIONS = """
                   AND CASE WHEN deleted IS NOT NULL THEN ? WHEN first_seen = modified THEN ? ELSE ? END
                """;

        static Statements of(String where) {
            // The dataset is looked up once in a subquery; with a join, the plan would lose the order of the index.
            var dataset =
                    "WITH d AS MATERIALIZED (SELECT dataset_id, epoch FROM dataset WHERE " + where + " AND model = ?)";
            var records = dataset + """

                    SELECT external_id, sequence, modified, first_seen, deleted, pruned, data, (SELECT epoch FROM d)
                      FROM record
                     WHERE dataset_id = (SELECT dataset_id FROM d) AND modified > 0 AND (modified, sequence) > (?, ?)
                    """;
            // The requested ids are looked up by key first: they are few, and the dataset may be large.
            var byId = dataset + """
                    , found AS MATERIALIZED
                           (SELECT * FROM record
                             WHERE dataset_id = (SELECT dataset_id FROM d) AND external_id = ANY (?::text[]))
                    SELECT external_id, sequence, modified, first_seen, deleted, pruned, data, (SELECT epoch FROM d)
                      FROM found
                     WHERE (modified, sequence) > (?, ?)
                    """;
            return new Statements(
                    records + IN_ORDER,
                    records + OF_ACTIONS + IN_ORDER,
                    records + " AND deleted IS NOT NULL" + IN_ORDER,
                    byId + OF_ACTIONS + IN_ORDER);
        }

        String to(RecordQuery query) {
            if (!query.ids().isEmpty()) {
                return byId;
            }
            if (query.wantsAll()) {
                return changes;
            }
            return query.wantsDeletedOnly() ? deleted : chosen;
        }
    }
}
