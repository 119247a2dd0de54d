package dev.millrace.server.sync;

import dev.millrace.server.db.Database;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Deletes records: all records of a deleted connection, and those of a deleted sync that no other sync writes. */
public final class RecordPurge {
    private static final String OF_CONNECTION = "purge-connection";
    private static final String OF_SYNC = "purge-sync";
    // A run on another server may still be writing, so the purge is repeated until it has ended.
    private static final Duration LATER = Duration.ofSeconds(20);
    private static final Duration LONGEST_RUN = Duration.ofHours(24);

    private final Database db;
    private final SyncStore store;
    private final Schedule schedule;
    private final Runs runs;
    private final Records records;
    private final Clock clock;

    public RecordPurge(Database db, Schedule schedule, Runs runs, Records records, Clock clock) {
        this.db = db;
        this.store = new SyncStore(db);
        this.schedule = schedule;
        this.runs = runs;
        this.records = records;
        this.clock = clock;
        schedule.handle(OF_CONNECTION, this::ofConnection);
        schedule.handle(OF_SYNC, this::ofSync);
    }

    /** In the transaction that deletes a connection. */
    void connectionDeleted(Handle handle, long connection) {
        schedule.at(handle, OF_CONNECTION, String.valueOf(connection), clock.instant());
    }

    /** In the transaction that deletes a sync; its checkpoints are deleted too. */
    void syncDeleted(Handle handle, Sync sync, List<String> models) {
        runs.checkpoints().reset(handle, sync.connectionId(), sync.checkpointKey());
        store.purge(handle, sync.id(), models);
        schedule.at(handle, OF_SYNC, sync.id().toString(), clock.instant());
    }

    private void ofConnection(Schedule.Claim claim) {
        long connection = Long.parseLong(claim.id());
        boolean last = !hasActiveRuns(connection);
        records.deleteAll(connection);
        settle(claim, last);
    }

    private void ofSync(Schedule.Claim claim) {
        var found = store.find(UUID.fromString(claim.id()));
        if (found.isEmpty()) {
            // The sync was removed for good a day after its deletion.
            settle(claim, true);
            return;
        }
        var sync = found.get();
        boolean last = !hasActiveRuns(sync.connectionId());
        boolean madeAnew = store.ofConnection(sync.connectionId()).stream()
                .anyMatch(s -> s.isNamed(sync.identity().name()));
        if (!madeAnew) {
            // If the dataset stays, nobody else would ever close them.
            records.trackAbandon(sync.connectionId(), sync.checkpointKey());
        }
        for (var model : store.toPurge(sync.id())) {
            var dataset = Dataset.of(sync.connectionId(), model, sync.variant());
            records.deleteUnless(connection -> SyncStore.declares(connection, dataset, Instant.EPOCH), dataset);
        }
        settle(claim, last);
    }

    private boolean hasActiveRuns(long connection) {
        return runs.history().isAnyActive(connection, clock.instant().minus(LONGEST_RUN));
    }

    private void settle(Schedule.Claim claim, boolean last) {
        db.useTransaction(handle -> {
            if (last) {
                schedule.finish(handle, claim);
            } else {
                schedule.again(handle, claim, clock.instant().plus(LATER));
            }
        });
    }
}
