package dev.millrace.server.encryption;

import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entry point for encryption keys: which ones exist and which one seals. Every server publishes its keys. The first key
 * of the list becomes active once every running server lists it first, so that no server meets a value that it cannot
 * open. Thread-safe.
 */
public final class Keys implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Keys.class);
    private static final int LOOK_SECONDS = 2;
    /** The encrypted columns of this package. */
    private static final SealedColumn SECRETS =
            new SealedColumn("encryption_secret", "value", List.of(new SealedColumn.Part("name", "text")));

    private final Database db;
    private final KeySource source;
    private final Cluster cluster;
    private final KeyStore store = new KeyStore();
    private final Admission admission;
    private final Encryption encryption;
    private final Rotation rotation;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread looking;
    private KeyRing ring;
    private String told = "";

    /**
     * Checks the keys against the database.
     *
     * @param columns every sealed column of the other packages
     * @throws KeysRefused when a key is missing or wrong; the message says which one and what to do
     */
    public Keys(
            Database db,
            KeySource source,
            List<SealedColumn> columns,
            Schedule schedule,
            Cluster cluster,
            Clock clock) {
        this.db = db;
        this.source = source;
        this.cluster = cluster;
        var sql = all(columns);
        this.admission = new Admission(store, sql, source, cluster.node());
        var given = source.read();
        var admitted = admitted(db.inTransaction(handle -> {
            store.lock(handle);
            return enter(handle, given);
        }));
        this.ring = admitted.ring();
        this.encryption = new Encryption(ring);
        encryption.sealWith(admitted.current());
        encryption.fingerprintWith(encryption.open(db.withHandle(
                handle -> store.secret(handle, Admission.FINGERPRINT).orElseThrow())));
        this.rotation = new Rotation(db, encryption, store, sql, schedule, clock);
        db.useTransaction(handle -> {
            store.lock(handle);
            rotation.ensure(handle);
        });
        takeOver();
        this.looking = Thread.ofVirtual().name("keys").start(this::keepLooking);
    }

    static List<ColumnSql> all(List<SealedColumn> columns) {
        return Stream.concat(columns.stream(), Stream.of(SECRETS))
                .map(ColumnSql::new)
                .toList();
    }

    /** Seals and opens with these keys. */
    public Encryption encryption() {
        return encryption;
    }

    private Admission.Verdict enter(Handle handle, Optional<KeyRing> given) {
        var verdict = admission.admit(handle, given);
        if (verdict instanceof Admission.Verdict.Admitted admitted) {
            publish(handle, admitted.ring(), admitted.current());
        }
        return verdict;
    }

    private static Admission.Verdict.Admitted admitted(Admission.Verdict verdict) {
        return switch (verdict) {
            case Admission.Verdict.Admitted admitted -> admitted;
            case Admission.Verdict.Refused refused -> throw new KeysRefused(refused.why());
        };
    }

    private void keepLooking() {
        try {
            while (!closing.await(LOOK_SECONDS, TimeUnit.SECONDS)) {
                try {
                    reload();
                    look();
                } catch (RuntimeException e) {
                    tell("the encryption keys could not be checked: " + e.getMessage());
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Logs each message only once. */
    private void tell(String what) {
        if (!what.equals(told)) {
            told = what;
            LOG.warn("{}", what);
        }
    }

    /** The file may have changed since the start. */
    private void reload() {
        var given = source.isFile() ? source.read() : Optional.of(ring);
        if (given.isEmpty() || given.get().equals(ring)) {
            return;
        }
        var admitted = admitted(db.inTransaction(handle -> {
            store.lock(handle);
            var verdict = admission.admit(handle, given);
            if (verdict instanceof Admission.Verdict.Admitted fine) {
                encryption.know(fine.ring());
                publish(handle, fine.ring(), encryption.sealsWith());
            }
            return verdict;
        }));
        ring = admitted.ring();
        LOG.info("the encryption keys are {} now", ring.ids());
    }

    private void publish(Handle handle, KeyRing keys, int sealing) {
        KeyPresence.of(cluster.node(), keys, sealing).publish(cluster, handle);
    }

    /** Seals with the active key. */
    private void look() {
        int current = db.withHandle(store::current).orElseThrow();
        if (current != encryption.sealsWith()) {
            follow(current);
        } else if (current != ring.first().id()) {
            takeOver();
        }
    }

    private void follow(int current) {
        if (!encryption.knows(current)) {
            tell("encryption key " + current + " seals, but is missing in " + source.where() + ": add it");
            return;
        }
        encryption.sealWith(current);
        db.useHandle(handle -> publish(handle, ring, current));
        LOG.info("encryption key {} is active", current);
    }

    /** Activates the first key of the list, if all running servers list it first. */
    private void takeOver() {
        int wanted = ring.first().id();
        var waitsFor = db.inTransaction(handle -> {
            store.lock(handle);
            if (store.current(handle).orElseThrow() == wanted) {
                return List.<String>of();
            }
            // The row of this server's previous process may not have been removed yet.
            var others = KeyPresence.hesitate(handle, wanted).stream()
                    .filter(node -> !node.equals(cluster.node()))
                    .toList();
            if (others.isEmpty()) {
                store.takeOver(handle, wanted);
                rotation.begin(handle, wanted);
            }
            return others;
        });
        if (waitsFor.isEmpty()) {
            follow(db.withHandle(store::current).orElseThrow());
        } else {
            tell("encryption key " + wanted + " becomes active when these servers also list it first: " + waitsFor);
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            looking.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
