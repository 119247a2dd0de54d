package dev.millrace.server.record;

import dev.millrace.server.encryption.Encryption;
import java.util.List;
import java.util.function.Supplier;

/**
 * Writes batches, one transaction each. A save first compares the batch with the stored records, without the lock. It
 * parses, hashes and seals the records that differ, and takes the lock only to write. If another writer was faster, the
 * comparison is repeated under the lock. A batch without changes writes nothing.
 */
final class BatchWriter {
    private final Transactions transactions;
    private final Encryption encryption;

    BatchWriter(Transactions transactions, Encryption encryption) {
        this.transactions = transactions;
        this.encryption = encryption;
    }

    Saved save(Dataset to, Writer writer, List<byte[]> texts) {
        return prepared(to, writer, texts).get();
    }

    /** Everything of a save except the transaction. After this step, errors in the records are no longer possible. */
    Supplier<Saved> prepared(Dataset to, Writer writer, List<byte[]> texts) {
        var batch = Batch.peek(writer, texts);
        var snapshot = transactions
                .plainly(connection -> StoredSnapshot.at(connection, to, writer, batch))
                .orElse(null);
        if (snapshot == null) {
            batch.readAll();
            return () -> wrote(writer, underLock(to, writer, batch));
        }
        var change = new Change(encryption, writer, batch);
        for (int i = 0; i < batch.count(); i++) {
            if (snapshot.isSame(i)) {
                change.leave(snapshot.same()[i]);
            } else {
                change.save(i, snapshot.stored()[i]);
            }
        }
        if (snapshot.settlesAll()) {
            return () -> wrote(writer, new Change.Result(change.saved(), snapshot.lastModified(), false));
        }
        return () -> wrote(
                writer,
                transactions
                        .ifUnchanged(to, snapshot, change.tally(), change::write)
                        .orElseGet(() -> {
                            // Before the lock is taken, because other writers wait for it.
                            batch.readAll();
                            return underLock(to, writer, batch);
                        }));
    }

    /** When there is no dataset yet, or another writer was faster. */
    private Change.Result underLock(Dataset to, Writer writer, Batch batch) {
        return transactions.locked(to, (connection, dataset) -> {
            var change = new Change(encryption, writer, batch);
            var stored = Stored.states(connection, dataset.datasetId(), batch);
            for (int i = 0; i < stored.length; i++) {
                change.save(i, stored[i]);
            }
            return change.writeAndCount(connection, dataset);
        });
    }

    Saved update(Dataset to, Writer writer, List<byte[]> texts) {
        var batch = Batch.read(writer, texts);
        return inPlace(to, writer, batch, (connection, dataset) -> {
            var change = new Change(encryption, writer, batch);
            var stored = Stored.contents(connection, dataset.datasetId(), batch);
            for (int i = 0; i < stored.length; i++) {
                change.merge(i, stored[i]);
            }
            return change.writeAndCount(connection, dataset);
        });
    }

    Saved delete(Dataset to, Writer writer, List<byte[]> texts) {
        var batch = Batch.read(writer, texts);
        return inPlace(to, writer, batch, (connection, dataset) -> {
            var change = new Change(encryption, writer, batch);
            var stored = Stored.states(connection, dataset.datasetId(), batch);
            for (int i = 0; i < stored.length; i++) {
                change.delete(i, stored[i]);
            }
            return change.writeAndCount(connection, dataset);
        });
    }

    /** Changes existing records; does nothing if there is no dataset. */
    private Saved inPlace(Dataset to, Writer writer, Batch batch, Transactions.LockedWork<Change.Result> work) {
        var result = transactions.ifExists(to, work);
        return result.isPresent() ? wrote(writer, result.get()) : new Saved(0, 0, 0, 0, batch.duplicates());
    }

    /** The guard may treat a record as the writer's own only after the commit. */
    private static Saved wrote(Writer writer, Change.Result result) {
        if (result.changed()) {
            writer.guard().ifPresent(guard -> guard.wrote(result.at()));
        }
        return result.saved();
    }
}
