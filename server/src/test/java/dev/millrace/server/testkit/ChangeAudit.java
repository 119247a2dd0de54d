package dev.millrace.server.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Notes, within PostgreSQL, every change of a record with its transaction, to ask later what was committed when. */
public final class ChangeAudit {
    private static final List<String> INSTALL = List.of("""
            CREATE UNLOGGED TABLE audit (dataset_id bigint, external_id text, modified bigint, xid xid8)
            """, """
            CREATE FUNCTION note_changes() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              INSERT INTO audit SELECT dataset_id, external_id, modified, pg_current_xact_id() FROM changed;
              RETURN NULL;
            END $$
            """, """
            CREATE TRIGGER note_inserts AFTER INSERT ON record
            REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_changes()
            """, """
            CREATE TRIGGER note_updates AFTER UPDATE ON record
            REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_changes()
            """);

    private static final String COMMITS = """
            SELECT dataset_id, modified,
                   (extract(epoch FROM pg_xact_commit_timestamp(xid::xid)) * 1000000)::bigint AS committed, changes
              FROM (SELECT dataset_id, modified, xid, count(*) AS changes
                      FROM audit GROUP BY dataset_id, modified, xid) AS one
             ORDER BY dataset_id, committed, modified
            """;

    /** Counters beside what they count, of each dataset. */
    private static final String COUNTERS = """
            SELECT d.model || ' of ' || d.connection_id, d.live, d.bytes, d.last_modified, d.next_sequence,
                   count(r.dataset_id) FILTER (WHERE r.deleted IS NULL), coalesce(sum(r.size), 0)::bigint,
                   coalesce(max(r.modified), 0), coalesce(max(r.sequence), 0)
              FROM dataset d LEFT JOIN record r USING (dataset_id)
             GROUP BY d.dataset_id
             ORDER BY d.dataset_id
            """;

    private final Map<Long, Commits> byDataset = new HashMap<>();

    /** The commits of one dataset, in their order. */
    private static final class Commits {
        final List<long[]> all = new ArrayList<>();
        long[] times = {};
        long[] leastModFrom = {};
    }

    private long changes;

    private ChangeAudit() {}

    static void install(OwnPostgres postgres) {
        INSTALL.forEach(postgres::execute);
    }

    /** Reads what was noted so far. */
    public static ChangeAudit read(String url) throws SQLException {
        var audit = new ChangeAudit();
        try (var connection = DriverManager.getConnection(url)) {
            audit.readCommits(connection);
        }
        audit.byDataset.values().forEach(ChangeAudit::sum);
        return audit;
    }

    private void readCommits(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.setFetchSize(10_000);
            try (var rows = statement.executeQuery(COMMITS)) {
                while (rows.next()) {
                    byDataset
                            .computeIfAbsent(rows.getLong(1), _ -> new Commits())
                            .all
                            .add(new long[] {rows.getLong(2), rows.getLong(3)});
                    changes += rows.getLong(4);
                }
            }
        }
    }

    private static void sum(Commits commits) {
        commits.times = commits.all.stream().mapToLong(c -> c[1]).toArray();
        commits.leastModFrom = new long[commits.times.length + 1];
        commits.leastModFrom[commits.times.length] = Long.MAX_VALUE;
        for (int i = commits.times.length - 1; i >= 0; i--) {
            commits.leastModFrom[i] =
                    Math.min(commits.leastModFrom[i + 1], commits.all.get(i)[0]);
        }
    }

    public long changes() {
        return changes;
    }

    public long commits() {
        return byDataset.values().stream().mapToLong(c -> c.all.size()).sum();
    }

    /** Transactions whose changes stand before those of one committed earlier. */
    public List<String> inversions() {
        var faults = new ArrayList<String>();
        byDataset.forEach((datasetId, commits) -> {
            for (int i = 1; i < commits.all.size(); i++) {
                var before = commits.all.get(i - 1);
                var after = commits.all.get(i);
                if (after[0] <= before[0]) {
                    faults.add("dataset " + datasetId + ": " + Arrays.toString(after) + " follows "
                            + Arrays.toString(before));
                }
            }
        });
        return faults;
    }

    /** The earliest place among the changes of a dataset that were committed after a moment. */
    public long leastModifiedAfter(long datasetId, long micros) {
        var commits = byDataset.get(datasetId);
        if (commits == null) {
            return Long.MAX_VALUE;
        }
        int low = 0;
        int high = commits.times.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (commits.times[middle] > micros) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return commits.leastModFrom[low];
    }

    /** Datasets whose counters or clocks are not what their records say. */
    public static List<String> wrongCounters(String url) throws SQLException {
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement();
                var row = statement.executeQuery(COUNTERS)) {
            var faults = new ArrayList<String>();
            while (row.next()) {
                boolean right = row.getLong(2) == row.getLong(6)
                        && row.getLong(3) == row.getLong(7)
                        && row.getLong(4) >= row.getLong(8)
                        && row.getLong(5) > row.getLong(9);
                if (!right) {
                    faults.add("%s: live %d, bytes %d, last %d, next %d; counted %d, %d, %d, %d"
                            .formatted(
                                    row.getString(1),
                                    row.getLong(2),
                                    row.getLong(3),
                                    row.getLong(4),
                                    row.getLong(5),
                                    row.getLong(6),
                                    row.getLong(7),
                                    row.getLong(8),
                                    row.getLong(9)));
                }
            }
            return faults;
        }
    }
}
