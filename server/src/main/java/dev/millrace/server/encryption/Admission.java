package dev.millrace.server.encryption;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Compares the configured keys with those that the database needs, before any of them is used. Thread-safe. */
final class Admission {
    static final String FINGERPRINT = "fingerprint";

    private static final byte[] CHECK = "millrace".getBytes(StandardCharsets.US_ASCII);

    private final KeyStore store;
    private final List<ColumnSql> columns;
    private final KeySource source;
    private final String node;
    private final SecureRandom random = new SecureRandom();

    /** @param node the server whose keys are checked */
    Admission(KeyStore store, List<ColumnSql> columns, KeySource source, String node) {
        this.store = store;
        this.columns = columns;
        this.source = source;
        this.node = node;
    }

    /** Whether the keys may be used, and if not, why. The transaction is to be committed in both cases. */
    sealed interface Verdict {
        record Admitted(KeyRing ring, int current) implements Verdict {}

        record Refused(String why) implements Verdict {}
    }

    /** Called while the lock is held. */
    Verdict admit(Handle handle, Optional<KeyRing> given) {
        var rows = store.all(handle);
        if (rows.isEmpty()) {
            return first(handle, given);
        }
        if (given.isEmpty()) {
            var needed = rows.stream()
                    .filter(row -> row.state() == KeyStore.State.CURRENT || row.state() == KeyStore.State.OLD)
                    .map(row -> String.valueOf(row.id()))
                    .collect(Collectors.joining(" and "));
            return missing(needed);
        }
        return compare(handle, given.get(), rows);
    }

    private Verdict missing(String needed) {
        return new Verdict.Refused("The encryption key is missing: none is in " + source.where()
                + ", but this database holds values sealed by key " + needed
                + ". Put the file back from your backup, or copy it from a server that shares this database. Nothing was"
                + " changed.");
    }

    /** No key is recorded yet: a new database, or one from before keys were recorded. */
    private Verdict first(Handle handle, Optional<KeyRing> given) {
        var samples = columns.stream()
                .flatMap(column -> column.sample(handle).stream())
                .toList();
        var used = samples.stream().map(Encryption::keyId).collect(Collectors.toCollection(TreeSet::new));
        if (given.isEmpty() && !used.isEmpty()) {
            return missing(used.stream().map(String::valueOf).collect(Collectors.joining(" and ")));
        }
        var ring = given.orElseGet(source::create);
        for (var sample : samples) {
            var key = ring.find(Encryption.keyId(sample));
            if (key.isEmpty()) {
                return absent(Encryption.keyId(sample));
            }
            if (!opens(key.get(), sample)) {
                return wrong(key.get());
            }
        }
        var current = used.isEmpty() || used.contains(ring.first().id())
                ? ring.first()
                : ring.find(used.first()).orElseThrow();
        for (var key : ring.keys()) {
            var state = used.contains(key.id()) ? KeyStore.State.OLD : KeyStore.State.KNOWN;
            note(handle, key, key.equals(current) ? KeyStore.State.CURRENT : state);
        }
        keepFingerprintSecret(handle, current, used.isEmpty());
        return new Verdict.Admitted(ring, current.id());
    }

    /** Random for a new database. Where fingerprints may exist already, it is the secret that they were made with. */
    private void keepFingerprintSecret(Handle handle, KeyRing.Key current, boolean fresh) {
        var secret = fresh ? KeyRing.Key.random(1, random).secret() : Encryption.fingerprintSecret(current);
        store.keepSecret(handle, FINGERPRINT, new Sealer(current, random).seal(secret));
    }

    private Verdict compare(Handle handle, KeyRing ring, List<KeyStore.Row> rows) {
        var fresh = new ArrayList<>(ring.keys());
        // All checks that may refuse the start come first, so that a refused start changes nothing.
        for (var row : rows) {
            var key = ring.find(row.id());
            if (key.isPresent()) {
                fresh.remove(key.get());
                boolean unused = row.state() == KeyStore.State.KNOWN && !KeyPresence.othersKnow(handle, node, row.id());
                if (!opens(key.get(), row.check()) && !unused) {
                    return row.state() == KeyStore.State.RETIRED ? taken(row.id()) : wrong(key.get());
                }
            } else if (row.state() == KeyStore.State.CURRENT || row.state() == KeyStore.State.OLD) {
                return absent(row.id());
            } else if (row.state() == KeyStore.State.UNUSED && isLeft(handle, row.id())) {
                store.state(handle, row.id(), KeyStore.State.OLD);
                return absent(row.id());
            }
        }
        rows.forEach(row -> settle(handle, row, ring.find(row.id())));
        fresh.forEach(key -> note(handle, key, KeyStore.State.KNOWN));
        int current = store.current(handle).orElseThrow();
        return new Verdict.Admitted(ring, current);
    }

    private void settle(Handle handle, KeyStore.Row row, Optional<KeyRing.Key> key) {
        switch (row.state()) {
            case KNOWN -> {
                if (key.isPresent()) {
                    note(handle, key.get(), row.state());
                } else if (!KeyPresence.othersKnow(handle, node, row.id())) {
                    store.remove(handle, row.id());
                }
            }
            case UNUSED -> {
                if (key.isEmpty()) {
                    store.state(handle, row.id(), KeyStore.State.RETIRED);
                }
            }
            case RETIRED -> {
                if (key.isPresent()) {
                    store.state(handle, row.id(), KeyStore.State.UNUSED);
                }
            }
            case CURRENT, OLD -> {}
        }
    }

    private boolean isLeft(Handle handle, int id) {
        return columns.stream().anyMatch(column -> column.holds(handle, id));
    }

    private void note(Handle handle, KeyRing.Key key, KeyStore.State state) {
        store.put(handle, new KeyStore.Row(key.id(), new Sealer(key, random).seal(CHECK), state));
    }

    private boolean opens(KeyRing.Key key, byte[] sealed) {
        try {
            new Sealer(key, random).open(sealed);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private Verdict wrong(KeyRing.Key key) {
        return new Verdict.Refused("The encryption key " + key.id() + " in " + source.where()
                + " is not the key " + key.id()
                + " that this database was sealed with. Put the right one back from your"
                + " backup; a new key needs a new id (see docs/guides/encryption-keys.md). Nothing was changed.");
    }

    private Verdict absent(int id) {
        return new Verdict.Refused("The encryption key " + id + " is missing in " + source.where()
                + ", but values in the database are still sealed by it. Put it back, at the end of the list, as " + id
                + ":<its base64>; './millrace keys status' tells when it is needed no longer. Nothing was changed.");
    }

    private Verdict taken(int id) {
        return new Verdict.Refused("The encryption key id " + id + " in " + source.where()
                + " was used by a key that is retired: give the new key an id never used before, "
                + "so that no backup is ever opened with the wrong key. Nothing was changed.");
    }
}
