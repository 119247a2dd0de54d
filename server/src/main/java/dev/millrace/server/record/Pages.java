package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Reads pages of records by position. */
final class Pages {
    private static final Statements OF_DATASET = Statements.of("connection_id = :connection");

    // The common case, an existing dataset with records, is read by one query that starts from the public names.
    private static final Statements OF_ADDRESS = Statements.of("""
            connection_id = (SELECT id
                               FROM connection_address
                              WHERE environment_id = :environment AND integration = :integration
                                AND connection = :connection)""");

    private static final Sql EPOCH =
            Sql.of("SELECT epoch FROM dataset WHERE connection_id = :connection AND model = :model");

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
        var page = fetch(OF_DATASET.to(query), query, new byte[PageBuffers.FIRST], bytes, p -> bind(p, dataset));
        if (page.count() == 0) {
            checkEpoch(query, dataset);
        }
        return page;
    }

    /**
     * The newest changes first.
     *
     * @param before the position to read back from, exclusive
     */
    Page latest(Dataset dataset, Optional<Position> before, Set<Action> actions, int limit, int bytes) {
        var query = new RecordQuery(
                Optional.of(before.orElse(Position.END)), limit, actions, Optional.empty(), List.of(), false);
        return fetch(Latest.OF_DATASET.to(query), query, new byte[PageBuffers.FIRST], bytes, p -> bind(p, dataset));
    }

    /**
     * Writes the page into an array that {@link #done} gets back.
     *
     * @param dataset looks up the address, or throws an error that says what is missing; called only when no records
     * are found
     */
    Page list(Address address, RecordQuery query, Supplier<Dataset> dataset) {
        var page = fetch(OF_ADDRESS.to(query), query, buffers.take(), LARGEST_PAGE, p -> bind(p, address));
        if (page.count() == 0) {
            checkEpoch(query, dataset.get());
        }
        return page;
    }

    /** The page is no longer needed. */
    void done(Page page) {
        buffers.give(page.buffer());
    }

    private Page fetch(Sql sql, RecordQuery query, byte[] into, int bytes, Sql.Binder where) {
        Transactions.Work<Page> work = connection -> read(connection, sql, query, into, bytes, where);
        return query.limit() > PORTION ? transactions.commit(work) : transactions.plainly(work);
    }

    private Page read(Connection connection, Sql sql, RecordQuery query, byte[] into, int bytes, Sql.Binder where)
            throws SQLException {
        Sql.Binder all = p -> {
            where.bind(p);
            bind(p, query);
        };
        return sql.read(connection, query.limit() > PORTION ? PORTION : 0, all, rows -> {
            var json = new RecordJson(encryption, query.limit(), into);
            boolean more = false;
            while (!more && rows.next()) {
                more = json.count() == query.limit() || json.length() > bytes;
                if (!more) {
                    json.add(rows);
                }
            }
            if (query.strict() && query.after().isPresent() && json.count() > 0) {
                checkEpoch(query.after().get(), json.last().epoch());
            }
            var next = more && json.count() > 0 ? Optional.of(json.last().cursor()) : Optional.<String>empty();
            return json.end(next);
        });
    }

    private void checkEpoch(RecordQuery query, Dataset dataset) {
        if (query.strict() && query.after().isPresent()) {
            checkEpoch(query.after().get(), transactions.plainly(connection -> epoch(connection, dataset)));
        }
    }

    /** Read after the empty page, so that emptied contents are noticed now or with the next page. */
    private static long epoch(Connection connection, Dataset dataset) throws SQLException {
        return EPOCH.first(connection, p -> bind(p, dataset), row -> row.getLong(1))
                .orElse(-1L);
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

    private static void bind(Sql.Parameters p, Dataset dataset) throws SQLException {
        p.set("connection", dataset.connection()).set("model", dataset.model());
    }

    private static void bind(Sql.Parameters p, Address address) throws SQLException {
        p.set("environment", address.environment())
                .set("integration", address.integration())
                .set("connection", address.connection())
                .set("model", address.model());
    }

    private static void bind(Sql.Parameters p, RecordQuery query) throws SQLException {
        var from = query.from();
        if (!query.ids().isEmpty()) {
            p.array("ids", "text", Ids.stored(query.ids()));
        }
        p.set("modified", from.modified()).set("sequence", from.sequence());
        if (!query.ids().isEmpty() || !(query.wantsAll() || query.wantsDeletedOnly())) {
            p.set("deleted", query.wants(Action.DELETED))
                    .set("added", query.wants(Action.ADDED))
                    .set("updated", query.wants(Action.UPDATED));
        }
        // One more than requested is read to know whether there is another page.
        p.set("limit", query.limit() + 1);
    }

    /** The statements for one way to identify a dataset. */
    private record Statements(Sql changes, Sql chosen, Sql deleted, Sql byId) {
        private static final String IN_ORDER = """
                 ORDER BY modified, sequence
                 LIMIT :limit
                """;

        private static final String OF_ACTIONS = """
                   AND CASE WHEN deleted IS NOT NULL THEN :deleted WHEN first_seen = modified THEN :added ELSE :updated END
                """;

        private static final String RECORDS = """

                SELECT external_id, sequence, modified, first_seen, deleted, pruned, data, (SELECT epoch FROM d)
                  FROM record
                 WHERE dataset_id = (SELECT dataset_id FROM d) AND modified > 0""";

        private static String dataset(String where) {
            return "WITH d AS MATERIALIZED (SELECT dataset_id, epoch FROM dataset WHERE " + where
                    + " AND model = :model)";
        }

        static Statements of(String where) {
            // The dataset is looked up once in a subquery; with a join, the plan would lose the order of the index.
            var dataset = dataset(where);
            var records = dataset + RECORDS + " AND (modified, sequence) > (:modified, :sequence)\n";
            // The requested ids are looked up by key first: they are few, and the dataset may be large.
            var byId = dataset + """
                    , found AS MATERIALIZED
                           (SELECT * FROM record
                             WHERE dataset_id = (SELECT dataset_id FROM d) AND external_id = ANY (:ids::text[]))
                    SELECT external_id, sequence, modified, first_seen, deleted, pruned, data, (SELECT epoch FROM d)
                      FROM found
                     WHERE (modified, sequence) > (:modified, :sequence)
                    """;
            return new Statements(
                    Sql.of(records + IN_ORDER),
                    Sql.of(records + OF_ACTIONS + IN_ORDER),
                    Sql.of(records + " AND deleted IS NOT NULL" + IN_ORDER),
                    Sql.of(byId + OF_ACTIONS + IN_ORDER));
        }

        Sql to(RecordQuery query) {
            if (!query.ids().isEmpty()) {
                return byId;
            }
            if (query.wantsAll()) {
                return changes;
            }
            return query.wantsDeletedOnly() ? deleted : chosen;
        }
    }

    /** The same statements from the newest change backwards. */
    private record Latest(Sql changes, Sql chosen, Sql deleted) {
        static final Latest OF_DATASET = of();

        private static Latest of() {
            var records = Statements.dataset("connection_id = :connection") + Statements.RECORDS
                    + " AND (modified, sequence) < (:modified, :sequence)\n";
            var order = """
                     ORDER BY modified DESC, sequence DESC
                     LIMIT :limit
                    """;
            return new Latest(
                    Sql.of(records + order),
                    Sql.of(records + Statements.OF_ACTIONS + order),
                    Sql.of(records + " AND deleted IS NOT NULL" + order));
        }

        Sql to(RecordQuery query) {
            if (query.wantsAll()) {
                return changes;
            }
            return query.wantsDeletedOnly() ? deleted : chosen;
        }
    }
}
