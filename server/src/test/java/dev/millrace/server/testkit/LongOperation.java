package dev.millrace.server.testkit;

import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.DeleteGuard;
import dev.millrace.server.record.Position;
import dev.millrace.server.record.Records;

/** Long work on a dataset, of several transactions, which may be interrupted and is then done again. */
public enum LongOperation {
    TRACK_END {
        @Override
        void on(Records records, Dataset dataset) {
            if (records.tracks(dataset.connection(), SYNC)) {
                records.trackEnd(dataset, SYNC, DeleteGuard.OFF);
            }
        }
    },
    PRUNE {
        @Override
        void on(Records records, Dataset dataset) {
            while (records.prune(dataset, FAR, 5_000).hasMore()) {
                // The next round follows.
            }
        }
    },
    EMPTY {
        @Override
        void on(Records records, Dataset dataset) {
            records.empty(dataset);
        }
    },
    REMOVE {
        @Override
        void on(Records records, Dataset dataset) {
            records.delete(dataset);
        }
    };

    static final String SYNC = "sync:operations:base";

    private static final Position FAR = new Position(4_000_000_000_000_000L, 0, 0);

    abstract void on(Records records, Dataset dataset);
}
