package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Windows in which runs save everything that exists at the provider. When a window closes, records that were not saved
 * within it are soft-deleted.
 */
final class DeleteTracking {
    private static final String OPEN =
            "INSERT INTO delete_tracking (dataset_id, sync_key, generation) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

    private static final String WINDOW = """
            SELECT d.dataset_id, t.generation
              FROM dataset d JOIN delete_tracking t ON t.dataset_id = d.dataset_id
             WHERE d.connection_id = ? AND d.model = ? AND t.sync_key = ?
            """;

    private static final String CLOSE = "DELETE FROM delete_tracking WHERE dataset_id = ? AND sync_key = ?";

    private static final String OPENED_BY = """
            SELECT d.model
              FROM dataset d JOIN delete_tracking t ON t.dataset_id = d.dataset_id
             WHERE d.connection_id = ? AND t.sync_key = ?
             ORDER BY d.model
            """;

    private static final String DATASET = "SELECT dataset_id FROM dataset WHERE connection_id = ? AND model = ?";

    private static final String LIVE_COUNT = "SELECT live FROM dataset WHERE dataset_id = ?";

    private static final String LIVE_SEQUENCES = "SELECT sequence FROM record WHERE dataset_id = ? AND deleted IS NULL";

    private static final String LIVE = """
            SELECT external_id, sequence
              FROM record
             WHERE dataset_id = ? AND external_id > ? AND deleted IS NULL
             ORDER BY external_id
             LIMIT ?
            """;

    private static final int BATCH = 10_000;

    private record Window(long datasetId, long generation) {}

    private record Live(String id, long sequence) {}

    private final Transactions transactions;

    DeleteTracking(Transactions transactions) {
        this.transactions = transactions;
    }

    /** Opens a window; a window that a failed run has left open does not change. */
    void start(Dataset dataset, String syncKey, long generation) {
        transactions.locked(dataset, (connection, locked) -> {
            try (var statement = connection.prepareStatement(OPEN)) {
                statement.setLong(1, locked.datasetId());
                statement.setString(2, syncKey);
                statement.setLong(3, generation);
                locked.windows(connection, statement.executeUpdate());
            }
            return true;
        });
    }

    /** Deletes the records not seen since the window opened, closes it and returns the deleted ids. */
    List<String> end(Dataset dataset, String syncKey, DeleteGuard guard) {
        var window = transactions
                .plainly(connection -> window(connection, dataset, syncKey))
                .orElseThrow(() -> new RecordsRefused(
                        "No track deletes starting point found for model '" + dataset.base() + "'."));
        var deleted = deleteUnseen(dataset, window, guard);
        close(dataset, syncKey);
        return deleted;
    }

    /** Deletes the records that this run has not saved. */
    List<String> endWithoutWindow(Dataset dataset, long generation, DeleteGuard guard) {
        var datasetId = transactions.plainly(connection -> find(connection, dataset));
        if (datasetId.isEmpty()) {
            return List.of();
        }
        var deleted = deleteUnseen(dataset, new Window(datasetId.get(), generation), guard);
        transactions.ifExists(dataset, (connection, locked) -> {
            Seen.tidy(connection, locked.datasetId(), generation);
            return true;
        });
        return deleted;
    }

    /** Closes all open windows of a sync without deleting anything. */
    void abandon(long connectionId, String syncKey) {
        var models = transactions.plainly(connection -> {
            try (var statement = connection.prepareStatement(OPENED_BY)) {
                statement.setLong(1, connectionId);
                statement.setString(2, syncKey);
                try (var rows = statement.executeQuery()) {
                    var found = new ArrayList<String>();
                    while (rows.next()) {
                        found.add(rows.getString(1));
                    }
                    return found;
                }
            }
        });
        models.forEach(model -> close(new Dataset(connectionId, model), syncKey));
    }

    boolean open(long connectionId, String syncKey) {
        return transactions.plainly(connection -> {
            try (var statement = connection.prepareStatement(OPENED_BY)) {
                statement.setLong(1, connectionId);
                statement.setString(2, syncKey);
                try (var rows = statement.executeQuery()) {
                    return rows.next();
                }
            }
        });
    }

    private void close(Dataset dataset, String syncKey) {
        transactions.ifExists(dataset, (connection, locked) -> {
            try (var statement = connection.prepareStatement(CLOSE)) {
                statement.setLong(1, locked.datasetId());
                statement.setString(2, syncKey);
                locked.windows(connection, -statement.executeUpdate());
            }
            // No run has the generation -1.
            Seen.tidy(connection, locked.datasetId(), -1);
            return true;
        });
    }

    private static Optional<Window> window(Connection connection, Dataset dataset, String syncKey) throws SQLException {
        try (var statement = connection.prepareStatement(WINDOW)) {
            statement.setLong(1, dataset.connection());
            statement.setString(2, dataset.model());
            statement.setString(3, syncKey);
            try (var row = statement.executeQuery()) {
                return row.next() ? Optional.of(new Window(row.getLong(1), row.getLong(2))) : Optional.empty();
            }
        }
    }

    private static Optional<Long> find(Connection connection, Dataset dataset) throws SQLException {
        try (var statement = connection.prepareStatement(DATASET)) {
            statement.setLong(1, dataset.connection());
            statement.setString(2, dataset.model());
            try (var row = statement.executeQuery()) {
                return row.next() ? Optional.of(row.getLong(1)) : Optional.empty();
            }
        }
    }

    /** Candidates are searched without the lock. Each batch of them is checked again under the lock. */
    private List<String> deleteUnseen(Dataset dataset, Window window, DeleteGuard guard) {
        var seen = new Seen(window.datasetId, window.generation);
        transactions.plainly(connection -> {
            seen.read(connection);
            return true;
        });
        if (!guard.isOff()) {
            // In a transaction, because only there the driver fetches rows in portions.
            transactions.commit(connection -> {
                check(connection, dataset, window, seen, guard);
                return true;
            });
        }
        var deleted = new ArrayList<String>();
        var candidates = new ArrayList<Live>();
        var page = page(window.datasetId, "");
        while (!page.isEmpty()) {
            page.stream().filter(live -> !seen.has(live.sequence)).forEach(candidates::add);
            if (candidates.size() >= BATCH) {
                deleted.addAll(delete(dataset, window, seen, candidates));
                candidates.clear();
            }
            page = page.size() < BATCH ? List.of() : page(window.datasetId, page.getLast().id);
        }
        deleted.addAll(delete(dataset, window, seen, candidates));
        return deleted;
    }

    private static void check(Connection connection, Dataset dataset, Window window, Seen seen, DeleteGuard guard)
            throws SQLException {
        long live = live(connection, window.datasetId);
        long most = guard.most(live);
        if (live <= most) {
            return;
        }
        try (var statement = connection.prepareStatement(LIVE_SEQUENCES)) {
            statement.setLong(1, window.datasetId);
            statement.setFetchSize(BATCH);
            long unseen = 0;
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    unseen += seen.has(rows.getLong(1)) ? 0 : 1;
                    if (unseen > most) {
                        throw guard.refuse(dataset, live);
                    }
                }
            }
        }
    }

    private static long live(Connection connection, long datasetId) throws SQLException {
        try (var statement = connection.prepareStatement(LIVE_COUNT)) {
            statement.setLong(1, datasetId);
            try (var row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    private List<Live> page(long datasetId, String after) {
        return transactions.plainly(connection -> {
            try (var statement = connection.prepareStatement(LIVE)) {
                statement.setLong(1, datasetId);
                statement.setString(2, after);
                statement.setInt(3, BATCH);
                try (var rows = statement.executeQuery()) {
                    var page = new ArrayList<Live>();
                    while (rows.next()) {
                        page.add(new Live(rows.getString(1), rows.getLong(2)));
                    }
                    return page;
                }
            }
        });
    }

    private List<String> delete(Dataset dataset, Window window, Seen seen, List<Live> candidates) {
        if (candidates.isEmpty()) {
            return List.of();
        }
        return transactions
                .ifExists(dataset, (connection, locked) -> {
                    var deletes = new Deletes();
                    // If the dataset has been removed and recreated since then, the window does not apply to it.
                    if (locked.datasetId() == window.datasetId) {
                        seen.read(connection);
                        candidates.stream()
                                .filter(live -> !seen.has(live.sequence))
                                .forEach(live -> deletes.add(live.id, live.sequence, null));
                    }
                    var ids = deletes.write(connection, locked);
                    var tally = new Locked.Tally();
                    tally.live = -ids.size();
                    locked.count(connection, tally);
                    return ids;
                })
                .orElse(List.of());
    }
}
