package dev.millrace.server.record;

import dev.millrace.server.vault.Vault;
import java.util.List;
import java.util.function.Supplier;

/**
 * Writes slices: one transaction each. A save looks first, without the lock, what is stored; it parses, hashes and seals
 * what differs, and takes the lock only to write. Should another writer have been faster, it looks once more under the
 * lock. A slice of which everything is stored already writes nothing at all.
 */
final class Slices {
    private final Transactions transactions;
    private final Vault vault;

    Slices(Transactions transactions, Vault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    Saved save(Dataset to, Writer writer, List<byte[]> texts) {
        return prepared(to, writer, texts).get();
    }

    /** All of a save but the writing, which nothing about the records can make fail any more. */
    Supplier<Saved> prepared(Dataset to, Writer writer, List<byte[]> texts) {
        var slice = Slice.peek(writer, texts);
        var look = transactions
                .plainly(connection -> Look.at(connection, to, writer, slice))
                .orElse(null);
        if (look == null) {
            slice.readAll();
            return () -> wrote(writer, underLock(to, writer, slice));
        }
        var change = new Change(vault, writer, slice);
        for (int i = 0; i < slice.count(); i++) {
            if (look.isSame(i)) {
                change.leave(look.same()[i]);
            } else {
                change.save(i, look.stored()[i]);
            }
        }
        if (look.settlesAll()) {
            return () -> wrote(writer, new Change.Result(change.saved(), look.lastMod(), false));
        }
        return () -> wrote(
                writer,
                transactions
                        .ifUnchanged(to, look, change.tally(), change::write)
                        .orElseGet(() -> {
                            // Before the lock is taken, for others wait for it.
                            slice.readAll();
                            return underLock(to, writer, slice);
                        }));
    }

    /** When there is no dataset yet, or another writer was faster. */
    private Change.Result underLock(Dataset to, Writer writer, Slice slice) {
        return transactions.locked(to, (connection, dataset) -> {
            var change = new Change(vault, writer, slice);
            var stored = Stored.states(connection, dataset.ds(), slice);
            for (int i = 0; i < stored.length; i++) {
                change.save(i, stored[i]);
            }
            return change.writeAndCount(connection, dataset);
        });
    }

    Saved update(Dataset to, Writer writer, List<byte[]> texts) {
        var slice = Slice.read(writer, texts);
        return inPlace(to, writer, slice, (connection, dataset) -> {
            var change = new Change(vault, writer, slice);
            var stored = Stored.contents(connection, dataset.ds(), slice);
            for (int i = 0; i < stored.length; i++) {
                change.merge(i, stored[i]);
            }
            return change.writeAndCount(connection, dataset);
        });
    }

    Saved delete(Dataset to, Writer writer, List<byte[]> texts) {
        var slice = Slice.read(writer, texts);
        return inPlace(to, writer, slice, (connection, dataset) -> {
            var change = new Change(vault, writer, slice);
            var stored = Stored.states(connection, dataset.ds(), slice);
            for (int i = 0; i < stored.length; i++) {
                change.delete(i, stored[i]);
            }
            return change.writeAndCount(connection, dataset);
        });
    }

    /** Work on what is there; where there is no dataset, nothing is. */
    private Saved inPlace(Dataset to, Writer writer, Slice slice, Transactions.LockedWork<Change.Result> work) {
        var result = transactions.ifExists(to, work);
        return result.isPresent() ? wrote(writer, result.get()) : new Saved(0, 0, 0, 0, slice.duplicates());
    }

    /** Only what is committed is the writer's own. */
    private static Saved wrote(Writer writer, Change.Result result) {
        if (result.changed()) {
            writer.guard().ifPresent(guard -> guard.wrote(result.at()));
        }
        return result.saved();
    }
}
