package dev.millrace.server.encryption;

import dev.millrace.server.db.Database;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a database says of its encryption keys, for people.
 *
 * @param keys by id, all that were ever used
 * @param rotation the last change of keys, if there was one
 * @param waitsFor processes that do not list first the key that others do
 */
public record KeyReport(List<Key> keys, Optional<Rotation> rotation, List<String> waitsFor) {
    public KeyReport {
        keys = List.copyOf(keys);
        waitsFor = List.copyOf(waitsFor);
    }

    /** What a key is to the database. */
    public enum Use {
        /** Ready to take over; nothing was sealed by it. */
        READY,
        /** Seals what is written. */
        SEALS,
        /** Opens what is not sealed anew yet: needed. */
        OPENS,
        /** No value is left: may be taken away. */
        UNUSED,
        /** Was taken away; its id is not to be used again. */
        RETIRED
    }

    /** @param values sealed by it now */
    public record Key(int id, Use use, long values) {}

    /**
     * How far sealing anew has come.
     *
     * @param to the key that seals
     * @param pass 0 before it has begun; the last pass finds nothing to do
     * @param scanned rows looked at in this pass, of {@code total}
     * @param resealed values sealed anew so far
     */
    public record Rotation(int to, int pass, long scanned, long total, long resealed, boolean finished) {}

    /** How far sealing anew has come: cheap. */
    public static Optional<Rotation> rotation(Database db) {
        return db.withHandle(handle -> new RotationStore().read(handle))
                .map(p -> new Rotation(p.key(), p.pass(), p.scanned(), p.total(), p.resealed(), p.finished()));
    }

    /**
     * Everything, the values counted: looks at every row.
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

    /** Live servers that do not list this key first. */
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
