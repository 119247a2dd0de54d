package dev.millrace.server.record;

import dev.millrace.server.record.Hashes.Difference;
import dev.millrace.server.vault.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes slices: one transaction each. Reading and hashing happen before the lock, sealing only of what changed. */
final class Slices {
    private final Transactions transactions;
    private final Vault vault;

    Slices(Transactions transactions, Vault vault) {
        this.transactions = transactions;
        this.vault = vault;
    }

    Saved save(Dataset to, Writer writer, List<byte[]> texts) {
        var slice = Slice.read(writer, texts);
        return wrote(writer, transactions.locked(to, (connection, dataset) -> {
            var change = new Change(writer, dataset);
            var stored = Stored.states(connection, dataset.ds(), slice.payloads);
            for (int i = 0; i < stored.length; i++) {
                change.save(slice.payloads.get(i), stored[i]);
            }
            return change.write(connection, slice);
        }));
    }

    Saved update(Dataset to, Writer writer, List<byte[]> texts) {
        var slice = Slice.read(writer, texts);
        return transactions
                .ifExists(to, (connection, dataset) -> {
                    var change = new Change(writer, dataset);
                    var stored = Stored.contents(connection, dataset.ds(), slice.payloads);
                    for (int i = 0; i < stored.length; i++) {
                        change.merge(i, slice.payloads.get(i), stored[i]);
                    }
                    return change.write(connection, slice);
                })
                .map(result -> wrote(writer, result))
                .orElseGet(() -> new Saved(0, 0, 0, 0, slice.duplicates));
    }

    Saved delete(Dataset to, Writer writer, List<byte[]> texts) {
        var slice = Slice.read(writer, texts);
        return transactions
                .ifExists(to, (connection, dataset) -> {
                    var change = new Change(writer, dataset);
                    var stored = Stored.states(connection, dataset.ds(), slice.payloads);
                    for (int i = 0; i < stored.length; i++) {
                        change.delete(slice.payloads.get(i), stored[i]);
                    }
                    return change.write(connection, slice);
                })
                .map(result -> wrote(writer, result))
                .orElseGet(() -> new Saved(0, 0, 0, 0, slice.duplicates));
    }

    private record Result(Saved saved, long at, boolean changed) {}

    /** Only what is committed is the writer's own. */
    private static Saved wrote(Writer writer, Result result) {
        if (result.changed) {
            writer.guard().ifPresent(guard -> guard.wrote(result.at));
        }
        return result.saved;
    }

    /** A slice as it came; of records with the same id the first. */
    private record Slice(List<Payload> payloads, List<String> duplicates) {
        static Slice read(Writer writer, List<byte[]> texts) {
            var reader = new PayloadReader(writer.insensitive());
            var payloads = new ArrayList<Payload>(texts.size());
            var duplicates = new ArrayList<String>();
            var ids = HashSet.<String>newHashSet(texts.size());
            for (int i = 0; i < texts.size(); i++) {
                var payload = reader.read(i, texts.get(i));
                if (ids.add(payload.id())) {
                    payloads.add(payload);
                } else {
                    duplicates.add(payload.id());
                }
            }
            return new Slice(payloads, duplicates);
        }
    }

    /** What is to become of the records of one slice, while the lock is held. */
    private final class Change {
        private final Writer writer;
        private final Locked dataset;
        private final Inserts inserts = new Inserts();
        private final Updates updates = new Updates();
        private final Deletes deletes = new Deletes();
        private final List<Long> seen = new ArrayList<>();
        private final Locked.Tally tally = new Locked.Tally();
        private int added;
        private int updated;
        private int unchanged;

        Change(Writer writer, Locked dataset) {
            this.writer = writer;
            this.dataset = dataset;
        }

        void save(Payload payload, @Nullable Stored stored) {
            if (stored == null) {
                seen.add(dataset.nextOrd() + inserts.count());
                inserts.add(payload, vault.seal(payload.json()));
                tally.inserted++;
                tally.live++;
                tally.bytes += payload.json().length;
                added++;
            } else if (touches(stored)) {
                if (stored.deleted()) {
                    replace(payload, stored, dataset.now(), dataset.now());
                    tally.live++;
                    added++;
                } else {
                    overwrite(payload, stored);
                }
            }
        }

        private void overwrite(Payload payload, Stored stored) {
            var difference = Hashes.compare(stored.hash(), payload.hash());
            if (difference == Difference.CHANGE) {
                replace(payload, stored, dataset.now(), stored.first());
                updated++;
                return;
            }
            if (stored.pruned()) {
                tally.oldestRestored = Math.min(tally.oldestRestored, stored.mod());
            }
            if (stored.pruned() || difference == Difference.QUIET) {
                // It keeps its place in the stream.
                replace(payload, stored, stored.mod(), stored.first());
            }
            unchanged++;
        }

        private void replace(Payload payload, Stored stored, long mod, long first) {
            updates.add(payload, mod, first, vault.seal(payload.json()));
            tally.bytes += payload.json().length - stored.size();
        }

        void merge(int index, Payload part, @Nullable Stored stored) {
            if (stored == null || stored.deleted() || !touches(stored)) {
                return;
            }
            if (stored.pruned() || stored.data() == null) {
                overwrite(part, stored);
            } else {
                var merged = Merge.merge(vault.open(stored.data()), part.json());
                overwrite(new PayloadReader(writer.insensitive()).read(index, merged), stored);
            }
        }

        void delete(Payload item, @Nullable Stored stored) {
            if (stored != null && touches(stored) && !stored.deleted()) {
                deletes.add(item.id(), stored.ord(), item.deletedAt());
                tally.live--;
            }
        }

        /** Notes the record as seen; says whether the writer may change it. */
        private boolean touches(Stored stored) {
            seen.add(stored.ord());
            return writer.permits(stored.mod());
        }

        Result write(Connection connection, Slice slice) throws SQLException {
            inserts.write(connection, dataset);
            updates.write(connection, dataset.ds());
            deletes.write(connection, dataset);
            boolean changed = inserts.count() + updates.count() + deletes.count() > 0;
            if (changed) {
                dataset.count(connection, tally);
            }
            if (dataset.tracked() || writer.keepsSeen()) {
                Seen.note(connection, dataset.ds(), writer, seen);
            }
            var saved = new Saved(added, updated, deletes.count(), unchanged, slice.duplicates);
            return new Result(saved, dataset.now(), changed);
        }
    }
}
