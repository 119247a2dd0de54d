package dev.millrace.server.record;

import dev.millrace.server.db.Sql;
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
    private static final Sql OPEN = Sql.of(
            "INSERT INTO delete_tracking (dataset_id, sync_key, generation) VALUES (:dataset, :key, :generation) ON CONFLICT DO NOTHING");

    private static final Sql WINDOW = Sql.of("""
            SELECT d.dataset_id, t.generation
              FROM dataset d JOIN delete_tracking t ON t.dataset_id = d.dataset_id
             WHERE d.connection_id = :connection AND d.model = :model AND t.sync_key = :key
            """);

    private static final Sql CLOSE =
            Sql.of("DELETE FROM delete_tracking WHERE dataset_id = :dataset AND sync_key = :key");

    private static final Sql OPENED_BY = Sql.of("""
            SELECT d.model
              FROM dataset d JOIN delete_tracking t ON t.dataset_id = d.dataset_id
             WHERE d.connection_id = :connection AND t.sync_key = :key
             ORDER BY d.model
            """);

    private static final Sql DATASET =
            Sql.of("SELECT dataset_id FROM dataset WHERE connection_id = :connection AND model = :model");

    private static final Sql LIVE_COUNT = Sql.of("SELECT live FROM dataset WHERE dataset_id = :dataset");

    private static final Sql LIVE_SEQUENCES =
            Sql.of("SELECT sequence FROM record WHERE dataset_id = :dataset AND deleted IS NULL");

    private static final Sql LIVE = Sql.of("""
            SELECT external_id, sequence
              FROM record
             WHERE dataset_id = :dataset AND external_id > :after AND deleted IS NULL
             ORDER BY external_id
             LIMIT :limit
            """);

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
            int opened = OPEN.update(
                    connection,
                    p -> p.set("dataset", locked.datasetId())
                            .set("key", syncKey)
                            .set("generation", generation));
            locked.windows(connection, opened);
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
            SeenRecords.tidy(connection, locked.datasetId(), generation);
            return true;
        });
        return deleted;
    }

    /** Closes all open windows of a sync without deleting anything. */
    void abandon(long connectionId, String syncKey) {
        var models = openedBy(connectionId, syncKey);
        models.forEach(model -> close(new Dataset(connectionId, model), syncKey));
    }

    boolean open(long connectionId, String syncKey) {
        return !openedBy(connectionId, syncKey).isEmpty();
    }

    /** The models of which a sync has windows open. */
    private List<String> openedBy(long connectionId, String syncKey) {
        return transactions.plainly(connection -> OPENED_BY.list(
                connection, p -> p.set("connection", connectionId).set("key", syncKey), row -> row.getString(1)));
    }

    private void close(Dataset dataset, String syncKey) {
        transactions.ifExists(dataset, (connection, locked) -> {
            int closed = CLOSE.update(
                    connection, p -> p.set("dataset", locked.datasetId()).set("key", syncKey));
            locked.windows(connection, -closed);
            // No run has the generation -1.
            SeenRecords.tidy(connection, locked.datasetId(), -1);
            return true;
        });
    }

    private static Optional<Window> window(Connection connection, Dataset dataset, String syncKey) throws SQLException {
        return WINDOW.first(
                connection,
                p -> p.set("connection", dataset.connection())
                        .set("model", dataset.model())
                        .set("key", syncKey),
                row -> new Window(row.getLong(1), row.getLong(2)));
    }

    private static Optional<Long> find(Connection connection, Dataset dataset) throws SQLException {
        return DATASET.first(
                connection,
                p -> p.set("connection", dataset.connection()).set("model", dataset.model()),
                row -> row.getLong(1));
    }

    /** Candidates are searched without the lock. Each batch of them is checked again under the lock. */
    private List<String> deleteUnseen(Dataset dataset, Window window, DeleteGuard guard) {
        var seen = new SeenRecords(window.datasetId, window.generation);
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

    private static void check(
            Connection connection, Dataset dataset, Window window, SeenRecords seen, DeleteGuard guard)
            throws SQLException {
        long live = live(connection, window.datasetId);
        long most = guard.most(live);
        if (live <= most) {
            return;
        }
        boolean refused = LIVE_SEQUENCES.read(connection, BATCH, p -> p.set("dataset", window.datasetId), rows -> {
            long unseen = 0;
            while (unseen <= most && rows.next()) {
                unseen += seen.has(rows.getLong(1)) ? 0 : 1;
            }
            return unseen > most;
        });
        if (refused) {
            throw guard.refuse(dataset, live);
        }
    }

    private static long live(Connection connection, long datasetId) throws SQLException {
        return LIVE_COUNT
                .first(connection, p -> p.set("dataset", datasetId), row -> row.getLong(1))
                .orElse(0L);
    }

    private List<Live> page(long datasetId, String after) {
        return transactions.plainly(connection -> LIVE.list(
                connection,
                p -> p.set("dataset", datasetId).set("after", after).set("limit", BATCH),
                row -> new Live(row.getString(1), row.getLong(2))));
    }

    private List<String> delete(Dataset dataset, Window window, SeenRecords seen, List<Live> candidates) {
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
