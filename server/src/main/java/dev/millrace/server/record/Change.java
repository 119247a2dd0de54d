package dev.millrace.server.record;

import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.record.Hashes.Difference;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The changes that a batch makes to the stored records. Computed before or under the lock, written under it. Not
 * thread-safe.
 */
final class Change {
    private final Encryption encryption;
    private final Writer writer;
    private final Batch batch;
    private final Inserts inserts = new Inserts();
    private final Updates updates = new Updates();
    private final Deletes deletes = new Deletes();
    private final List<Long> seen = new ArrayList<>();
    private final Locked.Tally tally = new Locked.Tally();
    private int added;
    private int updated;
    private int unchanged;

    Change(Encryption encryption, Writer writer, Batch batch) {
        this.encryption = encryption;
        this.writer = writer;
        this.batch = batch;
    }

    /** The changes of a transaction, and their time. */
    record Result(Saved saved, long at, boolean changed) {}

    void save(int index, @Nullable Stored stored) {
        if (stored == null) {
            var payload = batch.payload(index);
            inserts.add(payload, batch.textHash(index), encryption);
            tally.inserted++;
            tally.live++;
            tally.bytes += payload.json().length;
            added++;
        } else if (stored.same() && !stored.deleted() && !stored.pruned()) {
            seen.add(stored.sequence());
            unchanged += writer.permits(stored.modified()) ? 1 : 0;
        } else if (touches(stored)) {
            var payload = batch.payload(index);
            if (stored.deleted()) {
                replace(payload, batch.textHash(index), stored, Updates.NOW, Updates.NOW);
                tally.live++;
                added++;
            } else {
                overwrite(payload, batch.textHash(index), stored);
            }
        } else {
            // It is not saved, but a record that cannot be read is refused in any case.
            batch.payload(index);
        }
    }

    private void overwrite(Payload payload, byte[] textHash, Stored stored) {
        var difference = Hashes.compare(stored.hash(), payload.hash());
        if (difference == Difference.CHANGE) {
            replace(payload, textHash, stored, Updates.NOW, stored.firstSeen());
            updated++;
            return;
        }
        if (stored.pruned()) {
            tally.oldestRestored = Math.min(tally.oldestRestored, stored.modified());
        }
        if (stored.pruned() || difference == Difference.QUIET) {
            // It keeps its position in the stream.
            replace(payload, textHash, stored, stored.modified(), stored.firstSeen());
        }
        unchanged++;
    }

    private void replace(Payload payload, byte[] textHash, Stored stored, long modified, long firstSeen) {
        updates.add(payload, textHash, modified, firstSeen, encryption.seal(payload.json()));
        tally.bytes += payload.json().length - stored.size();
    }

    void merge(int index, @Nullable Stored stored) {
        if (stored == null || stored.deleted() || !touches(stored)) {
            return;
        }
        if (stored.pruned() || stored.data() == null) {
            overwrite(batch.payload(index), batch.textHash(index), stored);
        } else {
            var merged = Merge.merge(
                    encryption.open(stored.data()), batch.payload(index).json());
            overwrite(batch.merged(index, merged), Hashes.textHash(merged), stored);
        }
    }

    void delete(int index, @Nullable Stored stored) {
        if (stored != null && touches(stored) && !stored.deleted()) {
            var item = batch.payload(index);
            deletes.add(item.id(), stored.sequence(), item.deletedAt());
            tally.live--;
        }
    }

    /** A record that does not change and only has to be noted as seen. */
    void leave(long sequence) {
        seen.add(sequence);
        unchanged++;
    }

    /** Notes the record as seen; returns whether the writer may change it. */
    private boolean touches(Stored stored) {
        seen.add(stored.sequence());
        return writer.permits(stored.modified());
    }

    Locked.Tally tally() {
        return tally;
    }

    /** Writes the records and updates the counters. */
    Result writeAndCount(Connection connection, Locked dataset) throws SQLException {
        var result = write(connection, dataset);
        if (result.changed) {
            dataset.count(connection, tally);
        }
        return result;
    }

    /** Writes the records; the counters of the dataset were updated when the lock was taken. */
    Result write(Connection connection, Locked dataset) throws SQLException {
        inserts.write(connection, dataset);
        updates.write(connection, dataset);
        deletes.write(connection, dataset);
        if (dataset.tracked() || writer.keepsSeen()) {
            for (int i = 0; i < inserts.count(); i++) {
                seen.add(dataset.nextSequence() + i);
            }
            SeenRecords.note(connection, dataset.datasetId(), writer, seen);
        }
        var saved = saved();
        return new Result(saved, dataset.now(), inserts.count() + updates.count() + deletes.count() > 0);
    }

    Saved saved() {
        return new Saved(added, updated, deletes.count(), unchanged, batch.duplicates());
    }
}
