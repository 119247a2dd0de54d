package dev.millrace.server.run;

import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.db.Database;
import dev.millrace.server.log.Logs;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Ends the runs that lost the process which executed them. Thread-safe. */
final class LostRuns {
    private final Database db;
    private final RunStore store;
    private final Logs logs;
    private final Cluster cluster;
    private final Clock clock;

    LostRuns(Database db, RunStore store, Logs logs, Cluster cluster, Clock clock) {
        this.db = db;
        this.store = store;
        this.logs = logs;
        this.cluster = cluster;
        this.clock = clock;
        cluster.onLoss((handle, lost) -> died(handle, lost.process()));
    }

    /**
     * In the transaction in which a task is claimed: ends what earlier claims have left running. Nothing more of those
     * runs is stored, even if their process is alive.
     */
    void takeOver(Handle handle, Schedule.Claim claim) {
        for (var lost : store.takeOver(handle, claim, RunEndings.LOST_ERROR, clock.instant())) {
            logs.interrupt(
                    handle, lost.environment(), lost.operation(), RunEndings.LOST_MESSAGE, RunEndings.LOST_ERROR);
        }
    }

    /** In the transaction that removes a lost server: ends those of its runs that nobody continues. */
    private void died(Handle handle, UUID process) {
        store.died(handle, process, RunEndings.LOST_ERROR, clock.instant());
        logs.endLost(handle, process, RunEndings.LOST_ERROR);
    }

    /** Ends runs that were begun by servers which counted as lost at that moment. */
    void endOrphans() {
        for (var process : store.owners()) {
            if (!cluster.isAlive(process)) {
                db.useTransaction(handle -> died(handle, process));
            }
        }
    }
}
