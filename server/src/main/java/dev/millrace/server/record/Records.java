package dev.millrace.server.record;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Entry point for the records cache. Writes to one dataset run one after another, and changes become visible in the
 * order of their positions, so a reader that continues from a cursor misses nothing. Thread-safe.
 */
public final class Records {
    private final Transactions transactions;
    private final BatchWriter batches;
    private final Pages pages;
    private final DeleteTracking tracking;
    private final Pruning pruning;
    private final Removal removal;
    private final Counts counts;
    private final DatasetClocks clocks;

    public Records(Database db, Encryption encryption) {
        this.transactions = new Transactions(db.dataSource());
        this.batches = new BatchWriter(transactions, encryption);
        this.pages = new Pages(transactions, encryption);
        this.tracking = new DeleteTracking(transactions);
        this.pruning = new Pruning(transactions);
        this.removal = new Removal(transactions);
        this.counts = new Counts(transactions);
        this.clocks = new DatasetClocks(transactions);
    }

    /**
     * Adds and changes records: all of the batch or none.
     *
     * @param records one JSON text each
     */
    public Saved save(Dataset to, Writer writer, List<byte[]> records) {
        return batches.save(to, writer, records);
    }

    /**
     * The same in two steps; the caller decides when and on which thread the second one runs. The first step throws all
     * errors in the records. Between the steps nobody else may write to the dataset for this writer.
     *
     * @return writes what has been prepared
     */
    public Supplier<Saved> prepareSave(Dataset to, Writer writer, List<byte[]> records) {
        return batches.prepared(to, writer, records);
    }

    /** Merges parts of records deeply into existing records that are not deleted: all of the batch or none. */
    public Saved update(Dataset to, Writer writer, List<byte[]> parts) {
        return batches.update(to, writer, parts);
    }

    /** Soft-deletes records; of each item only the id and {@code deletedAt} are used. */
    public Saved delete(Dataset to, Writer writer, List<byte[]> items) {
        return batches.delete(to, writer, items);
    }

    /** A guard for {@code ignore_if_modified_after}, effective from now on. */
    public Guard guard(Dataset dataset) {
        return new Guard(counts.lastModified(dataset).orElse(0L));
    }

    public Page list(Dataset dataset, RecordQuery query) {
        return pages.list(dataset, query);
    }

    /**
     * A page; the caller calls {@link #done} when it is no longer needed.
     *
     * @param dataset looks up the address, or throws an error that says what is missing; called only when no records
     * are found
     */
    Page list(Address address, RecordQuery query, Supplier<Dataset> dataset) {
        return pages.list(address, query, dataset);
    }

    void done(Page page) {
        pages.done(page);
    }

    /** The state of datasets, in the given order; read by one statement. */
    public DatasetClock[] clocks(List<Dataset> datasets) {
        return clocks.read(datasets);
    }

    /** Sets the listener that is called after each commit of this process that changes a dataset. */
    public void onCommit(CommitListener listener) {
        transactions.listen(listener);
    }

    /** @param bytes no further record is added beyond this size */
    public Page list(Dataset dataset, RecordQuery query, int bytes) {
        return pages.list(dataset, query, bytes);
    }

    /**
     * The newest changes first; {@link Page#nextCursor} is where older ones begin.
     *
     * @param before the position to read back from, exclusive
     * @param actions only records with one of these as their last change; empty: all
     * @param bytes no further record is added beyond this size
     */
    public Page latest(Dataset dataset, Optional<Position> before, Set<Action> actions, int limit, int bytes) {
        return pages.latest(dataset, before, actions, limit, bytes);
    }

    /** A JSON array of those of the records that exist, including soft-deleted ones. */
    public byte[] get(Dataset dataset, List<String> ids) {
        return ids.isEmpty()
                ? new byte[] {'[', ']'}
                : pages.list(dataset, RecordQuery.of(ids)).records();
    }

    /** Opens a delete-tracking window for a sync; a window that an earlier run has left open does not change. */
    public void trackStart(Dataset dataset, String syncKey, long generation) {
        tracking.start(dataset, syncKey, generation);
    }

    /**
     * Soft-deletes the records that no run has saved since the window opened, closes it and returns the deleted ids. If
     * the guard refuses, nothing is deleted and the window stays open.
     */
    public List<String> trackEnd(Dataset dataset, String syncKey, DeleteGuard guard) {
        return tracking.end(dataset, syncKey, guard);
    }

    /**
     * Closes all open windows of a sync on a connection's datasets without deleting anything, because the sync starts
     * from the beginning.
     */
    public void trackAbandon(long connection, String syncKey) {
        tracking.abandon(connection, syncKey);
    }

    /** Whether a sync has an open window on any of a connection's datasets. */
    public boolean tracks(long connection, String syncKey) {
        return tracking.open(connection, syncKey);
    }

    /**
     * Soft-deletes the records that this run has not saved, unless the guard refuses. The run's writer must have noted
     * what it saved.
     */
    public List<String> deletePrevious(Dataset dataset, long generation, DeleteGuard guard) {
        return tracking.endWithoutWindow(dataset, generation, guard);
    }

    /** Removes the contents of the oldest records up to and including a position. */
    public Pruned prune(Dataset dataset, Position until, int limit) {
        return pruning.prune(dataset, until, limit);
    }

    /** Removes the contents of the oldest records not modified since a time; at most {@code limit} of them. */
    public Pruned pruneUnchangedSince(Instant time, Dataset dataset, int limit) {
        return pruning.prune(dataset, Position.before(Times.micros(time) + 1), limit);
    }

    /**
     * Searches some datasets for old contents.
     *
     * @param after where the last search ended; 0: the beginning
     * @param unchanged records not modified since this time count as old
     * @param unwritten datasets not written to since this time count as old
     */
    public AgedDatasets aged(long after, Instant unchanged, Instant unwritten) {
        return counts.aged(after, Times.micros(unchanged), Times.micros(unwritten));
    }

    /** Removes all records permanently, as if none had ever been saved; returns their number. */
    public long empty(Dataset dataset) {
        return removal.empty(dataset);
    }

    /** Whether a dataset that is about to be removed is still used. */
    public interface Claim {
        /** Nobody uses it. */
        Claim NONE = _ -> false;

        /** Called before each round of removals, with the database connection that holds the dataset's lock. */
        boolean stands(Connection connection) throws SQLException;
    }

    /** Removes a dataset permanently; returns the number of its records. */
    public long delete(Dataset dataset) {
        return removal.delete(dataset, Claim.NONE);
    }

    /** Removes a dataset permanently unless it is claimed; returns the number of its records. */
    public long deleteUnless(Claim claim, Dataset dataset) {
        return removal.delete(dataset, claim);
    }

    /** Removes all datasets of a connection permanently. */
    public void deleteAll(long connection) {
        counts(connection).keySet().forEach(model -> delete(new Dataset(connection, model)));
    }

    /** The number of live records by full model name. */
    public Map<String, Long> counts(long connection) {
        return counts.liveByModel(connection);
    }

    /** The size of a connection's records by full model name. */
    public List<ModelSize> sizes(long connection) {
        return counts.sizes(connection);
    }

    /** The size of all records of each of the connections; those without any are left out. */
    public Map<Long, ConnectionSize> totals(List<Long> connections) {
        return counts.totals(connections);
    }

    /** The number of live records. */
    public long live(Dataset dataset) {
        return counts(dataset.connection()).getOrDefault(dataset.model(), 0L);
    }
}
