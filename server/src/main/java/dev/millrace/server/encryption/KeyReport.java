package dev.millrace.server.encryption;

import dev.millrace.server.db.Database;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a database's encryption keys, for people.
 *
 * @param keys by id, all that were ever used
 * @param rotation the last rotation, if there was one
 * @param waitsFor servers that do not list the new key first yet
 */
public record KeyReport(List<Key> keys, Optional<Rotation> rotation, List<String> waitsFor) {
    public KeyReport {
        keys = List.copyOf(keys);
        waitsFor = List.copyOf(waitsFor);
    }

    /** The state of a key. */
    public enum Use {
        /** Known to a server, but has sealed nothing. */
        READY,
        /** Seals new values. */
        SEALS,
        /** Has sealed values that are not re-encrypted yet: needed. */
        OPENS,
        /** No values are left: may be removed. */
        UNUSED,
        /** Was removed; its id must not be used again. */
        RETIRED
    }

    /** @param values how many it has sealed now */
    public record Key(int id, Use use, long values) {}

    /**
     * The progress of re-encryption.
     *
     * @param to the key that seals
     * @param pass 0 before it has begun; the last pass finds nothing to do
     * @param scanned rows read in this pass, of {@code total}
     * @param resealed values re-encrypted so far
     */
    public record Rotation(int to, int pass, long scanned, long total, long resealed, boolean finished) {}

    /** The progress of re-encryption only; cheap. */
    public static Optional<Rotation> rotation(Database db) {
        return db.withHandle(handle -> new RotationStore().read(handle))
                .map(p -> new Rotation(p.key(), p.pass(), p.scanned(), p.total(), p.resealed(), p.finished()));
    }

    /**
     * The full report with the number of values: scans all rows.
     *
     * @param columns every sealed column of the other packages
     */
    public static KeyReport of(Database db, List<SealedColumn> columns) {
        var store = new KeyStore();
        var counts = counts(db, columns);
        var keys = db.withHandle(store::all).stream()
                .map(row -> new Key(row.id(), use(row.state()), counts.getOrDefault(row.id(), 0L)))
                .toList();
        return new KeyReport(
                keys,
                rotation(db),
                db.withHandle(handle -> store.current(handle)
                        .map(current -> KeyPresence.disagreement(handle, current))
                        .orElse(List.of())));
    }

    /** All ids that were ever used. */
    public static List<Integer> ids(Database db) {
        return db.withHandle(new KeyStore()::all).stream().map(KeyStore.Row::id).toList();
    }

    /** Running servers that do not list this key first. */
    public static List<String> waitsFor(Database db, int id) {
        return db.withHandle(handle -> KeyPresence.hesitate(handle, id));
    }

    private static Map<Integer, Long> counts(Database db, List<SealedColumn> columns) {
        var counts = new HashMap<Integer, Long>();
        for (var column : Keys.all(columns)) {
            db.withHandle(column::count).forEach(count -> counts.merge(count.id(), count.values(), Long::sum));
        }
        return counts;
    }

    private static Use use(KeyStore.State state) {
        return switch (state) {
            case KNOWN -> Use.READY;
            case CURRENT -> Use.SEALS;
            case OLD -> Use.OPENS;
            case UNUSED -> Use.UNUSED;
            case RETIRED -> Use.RETIRED;
        };
    }
}
