package dev.millrace.server.record;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Entry point for the records cache. Writes of one dataset run one after the other, and changes become visible in the order of
 * their positions: who reads on from a cursor misses nothing. Thread-safe.
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
     * Adds and changes records, all of the batch or none.
     *
     * @param records one JSON text each
     */
    public Saved save(Dataset to, Writer writer, List<byte[]> records) {
        return batches.save(to, writer, records);
    }

    /**
     * The same in two steps, of which the caller decides when the second is taken, on which thread. All that can be wrong
     * with the records is told by the first; until the second nobody else may write to the dataset for this writer.
     *
     * @return writes what has been prepared
     */
    public Supplier<Saved> prepareSave(Dataset to, Writer writer, List<byte[]> records) {
        return batches.prepared(to, writer, records);
    }

    /** Merges parts of records deeply into those that exist and are alive, all of the batch or none. */
    public Saved update(Dataset to, Writer writer, List<byte[]> parts) {
        return batches.update(to, writer, parts);
    }

    /** Deletes records softly; of each item only the id and {@code deletedAt} count. */
    public Saved delete(Dataset to, Writer writer, List<byte[]> items) {
        return batches.delete(to, writer, items);
    }

    /** What {@code ignore_if_modified_after} means from this moment on. */
    public Guard guard(Dataset dataset) {
        return new Guard(counts.lastModified(dataset).orElse(0L));
    }

    public Page list(Dataset dataset, RecordQuery query) {
        return pages.list(dataset, query);
    }

    /**
     * A page that {@link #done} is to be told of, when there is no more need of it.
     *
     * @param dataset looks the address up, or says that nothing is there; asked only when no records are found
     */
    Page list(Address address, RecordQuery query, Supplier<Dataset> dataset) {
        return pages.list(address, query, dataset);
    }

    void done(Page page) {
        pages.done(page);
    }

    /** The clocks of datasets, in the order given; read in one statement. */
    public DatasetClock[] clocks(List<Dataset> datasets) {
        return clocks.read(datasets);
    }

    /** Calls back after each commit of this process that changed a dataset; replaces the previous listener. */
    public void onCommit(CommitListener listener) {
        transactions.listen(listener);
    }

    /** @param bytes after how many no further record is added */
    public Page list(Dataset dataset, RecordQuery query, int bytes) {
        return pages.list(dataset, query, bytes);
    }

    /** A JSON array of those of the records that exist, softly deleted ones included. */
    public byte[] get(Dataset dataset, List<String> ids) {
        return ids.isEmpty()
                ? new byte[] {'[', ']'}
                : pages.list(dataset, RecordQuery.of(ids)).records();
    }

    /** Opens a delete-tracking window for a sync; one that an earlier run left open stays as it is. */
    public void trackStart(Dataset dataset, String syncKey, long generation) {
        tracking.start(dataset, syncKey, generation);
    }

    /**
     * Deletes softly what no run was given since the window opened, closes it and answers the deleted ids. More than the
     * guard lets pass is refused: nothing is deleted then and the window stays open.
     */
    public List<String> trackEnd(Dataset dataset, String syncKey, DeleteGuard guard) {
        return tracking.end(dataset, syncKey, guard);
    }

    /** Closes all windows a sync has open on a connection's datasets, deleting nothing: its syncing starts anew. */
    public void trackAbandon(long connection, String syncKey) {
        tracking.abandon(connection, syncKey);
    }

    /** Whether a sync has a window open on any of a connection's datasets. */
    public boolean tracks(long connection, String syncKey) {
        return tracking.open(connection, syncKey);
    }

    /** Deletes softly what this run, whose writer kept what it saw, was not given, unless the guard refuses. */
    public List<String> deletePrevious(Dataset dataset, long generation, DeleteGuard guard) {
        return tracking.endWithoutWindow(dataset, generation, guard);
    }

    /** Empties the contents of the oldest records up to and including a position. */
    public Pruned prune(Dataset dataset, Position until, int limit) {
        return pruning.prune(dataset, until, limit);
    }

    /** Empties the contents of the oldest records not modified since; at most as many as the limit. */
    public Pruned pruneUnchangedSince(Instant time, Dataset dataset, int limit) {
        return pruning.prune(dataset, Position.before(Times.micros(time) + 1), limit);
    }

    /**
     * Looks at some datasets for what has grown old.
     *
     * @param after where the last look ended; 0: from the first one on
     * @param unchanged records count as old that have not been modified since
     * @param unwritten datasets count as old to which nothing has been written since
     */
    public Aging aging(long after, Instant unchanged, Instant unwritten) {
        return counts.aging(after, Times.micros(unchanged), Times.micros(unwritten));
    }

    /** Removes all records for good, as if none had ever been saved; answers how many. */
    public long empty(Dataset dataset) {
        return removal.empty(dataset);
    }

    /** Whether someone still has a use for a dataset that is about to be removed. */
    public interface Claim {
        /** Nobody has. */
        Claim NONE = _ -> false;

        /** Asked before each round of removals, on the connection that holds the dataset's lock. */
        boolean stands(Connection connection) throws SQLException;
    }

    /** Removes a dataset for good; answers how many records it had. */
    public long delete(Dataset dataset) {
        return removal.delete(dataset, Claim.NONE);
    }

    /** Removes a dataset for good unless it is claimed; answers how many records were removed. */
    public long deleteUnless(Claim claim, Dataset dataset) {
        return removal.delete(dataset, claim);
    }

    /** Removes all datasets of a connection for good. */
    public void deleteAll(long connection) {
        counts(connection).keySet().forEach(model -> delete(new Dataset(connection, model)));
    }

    /** Live records by full model name. */
    public Map<String, Long> counts(long connection) {
        return counts.liveByModel(connection);
    }

    /** What is held for a connection, by full model name. */
    public List<Held> held(long connection) {
        return counts.held(connection);
    }

    /** How many records are alive. */
    public long live(Dataset dataset) {
        return counts(dataset.connection()).getOrDefault(dataset.model(), 0L);
    }
}
