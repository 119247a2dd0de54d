package dev.millrace.server.encryption;

import dev.millrace.server.db.Database;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Re-encrypts values of old keys with the active key, in the background. One server of a cluster walks through every
 * sealed column by primary key, in short transactions with pauses, until a pass finds nothing left.
 */
final class Rotation {
    private static final Logger LOG = LoggerFactory.getLogger(Rotation.class);
    private static final String TASK = "rotate-keys";
    private static final String ID = "all";
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofMinutes(1);

    private static final int ROWS_LOOKED_AT = 1_000;
    private static final int ROWS_AT_ONCE = 100;
    private static final int BYTES_AT_ONCE = 1_000_000;
    // It works for a quarter of the time.
    private static final int REST = 3;
    private static final Duration LONGEST_REST = Duration.ofSeconds(2);

    private final Database db;
    private final Encryption encryption;
    private final KeyStore keys;
    private final RotationStore store = new RotationStore();
    private final List<ColumnSql> columns;
    private final Schedule schedule;
    private final Clock clock;

    Rotation(
            Database db,
            Encryption encryption,
            KeyStore keys,
            List<ColumnSql> columns,
            Schedule schedule,
            Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.keys = keys;
        this.columns = columns;
        this.schedule = schedule;
        this.clock = clock;
        schedule.handle(TASK, this::run);
    }

    /** In the transaction that activates the key. */
    void begin(Handle handle, int key) {
        store.begin(handle, key);
        schedule.at(handle, TASK, ID, clock.instant());
    }

    /** At a start: continues if there is work left, even if a rotation was completed before. */
    void ensure(Handle handle) {
        boolean left = keys.all(handle).stream().anyMatch(row -> row.state() == KeyStore.State.OLD);
        if (!left) {
            return;
        }
        int current = keys.current(handle).orElseThrow();
        var progress = store.read(handle);
        if (progress.isEmpty() || progress.get().finished() || progress.get().key() != current) {
            store.begin(handle, current);
        }
        schedule.at(handle, TASK, ID, clock.instant());
    }

    private void run(Schedule.Claim claim) throws InterruptedException {
        for (var now = next(claim); now.isPresent(); now = next(claim)) {
            walk(now.get());
        }
    }

    private Optional<RotationStore.Progress> next(Schedule.Claim claim) {
        return db.inTransaction(handle -> next(handle, claim));
    }

    /** The column to process now; empty when the task was postponed or is done. */
    private Optional<RotationStore.Progress> next(Handle handle, Schedule.Claim claim) {
        keys.lock(handle);
        var found = store.read(handle);
        if (found.isEmpty() || found.get().finished()) {
            schedule.finish(handle, claim);
            return Optional.empty();
        }
        var progress = found.get();
        if (encryption.sealsWith() != progress.key()
                || !KeyPresence.sealOtherwise(handle, progress.key()).isEmpty()) {
            return putOff(handle, claim, SOON);
        }
        return progress.pass() == 0 || isDone(progress) ? nextPass(handle, claim, progress) : found;
    }

    private Optional<RotationStore.Progress> nextPass(
            Handle handle, Schedule.Claim claim, RotationStore.Progress progress) {
        if (progress.pass() > 0 && !store.isPastBarrier(handle, progress.key())) {
            return putOff(handle, claim, SOON);
        }
        // The first pass may have begun before the last values of old keys were committed.
        if (progress.pass() > 1 && progress.found() == 0) {
            finish(handle, claim, progress);
            return Optional.empty();
        }
        long rows = columns.stream().mapToLong(column -> column.rows(handle)).sum();
        store.nextPass(handle, progress.key(), rows);
        boolean isStuck = progress.left() > 0 && progress.left() == progress.found();
        return isStuck ? putOff(handle, claim, LATER) : store.read(handle);
    }

    private Optional<RotationStore.Progress> putOff(Handle handle, Schedule.Claim claim, Duration time) {
        schedule.again(handle, claim, clock.instant().plus(time));
        return Optional.empty();
    }

    private boolean isDone(RotationStore.Progress progress) {
        return columns.getLast().name().equals(progress.part()) && progress.position() == null;
    }

    private void finish(Handle handle, Schedule.Claim claim, RotationStore.Progress progress) {
        store.finish(handle, progress.key());
        var drained = keys.drained(handle);
        schedule.finish(handle, claim);
        LOG.info(
                "everything is sealed by encryption key {} now, {} values were sealed anew; no longer needed: {}",
                progress.key(),
                progress.resealed(),
                drained);
    }

    /** Runs until the end of the pass, or until another key becomes active. */
    private void walk(RotationStore.Progress from) throws InterruptedException {
        var progress = from;
        for (var column : columns.subList(place(from), columns.size())) {
            var position = column.name().equals(progress.part()) ? progress.position() : null;
            do {
                if (encryption.sealsWith() != progress.key()) {
                    return;
                }
                progress = step(column, progress, position);
                position = progress.position();
            } while (position != null);
        }
    }

    /** The current column. If it no longer exists, the pass starts again. */
    private int place(RotationStore.Progress progress) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(progress.part())) {
                return progress.position() == null ? i + 1 : i;
            }
        }
        return 0;
    }

    private RotationStore.Progress step(ColumnSql column, RotationStore.Progress progress, @Nullable List<String> after)
            throws InterruptedException {
        long began = System.nanoTime();
        var heads = db.withHandle(handle -> column.heads(handle, after, ROWS_LOOKED_AT));
        rest(System.nanoTime() - began);
        var stale = heads.stream()
                .filter(head -> head.keyId() != 0 && head.keyId() != progress.key())
                .toList();
        long resealed = 0;
        for (var some : portions(stale)) {
            began = System.nanoTime();
            resealed += reseal(column, some, progress.key());
            rest(System.nanoTime() - began);
        }
        var position = heads.size() < ROWS_LOOKED_AT ? null : heads.getLast().key();
        var next = progress.at(column.name(), position, heads.size(), stale.size(), resealed);
        db.useTransaction(handle -> {
            lazily(handle);
            store.save(handle, next);
        });
        return next;
    }

    private int reseal(ColumnSql column, List<ColumnSql.Head> rows, int key) {
        return db.inTransaction(handle -> {
            lazily(handle);
            return column.change(handle, rows, key, (value, row) -> reseal(column, value, row));
        });
    }

    /** A damaged value keeps its key in use, but does not stop the re-encryption of others. */
    private byte @Nullable [] reseal(ColumnSql column, byte[] value, ColumnSql.Head row) {
        try {
            return encryption.seal(encryption.open(value));
        } catch (IllegalStateException e) {
            LOG.error("{} of the row {} cannot be re-encrypted", column.name(), row.key(), e);
            return null;
        }
    }

    /**
     * After a crash, lost commits are repeated. The final commit, which records that everything is done, must reach the
     * disk after them.
     */
    private static void lazily(Handle handle) {
        handle.execute("SET LOCAL synchronous_commit = off");
    }

    private static List<List<ColumnSql.Head>> portions(List<ColumnSql.Head> rows) {
        var portions = new ArrayList<List<ColumnSql.Head>>();
        var portion = new ArrayList<ColumnSql.Head>();
        long bytes = 0;
        for (var row : rows) {
            if (!portion.isEmpty() && (portion.size() == ROWS_AT_ONCE || bytes + row.bytes() > BYTES_AT_ONCE)) {
                portions.add(portion);
                portion = new ArrayList<>();
                bytes = 0;
            }
            portion.add(row);
            bytes += row.bytes();
        }
        if (!portion.isEmpty()) {
            portions.add(portion);
        }
        return portions;
    }

    private static void rest(long nanosWorked) throws InterruptedException {
        Thread.sleep(Duration.ofNanos(Math.min(REST * nanosWorked, LONGEST_REST.toNanos())));
    }
}
