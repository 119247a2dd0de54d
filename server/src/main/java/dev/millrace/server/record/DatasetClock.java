package dev.millrace.server.record;

/**
 * The state of a dataset.
 *
 * @param ds the number of the dataset; -1 when there is none
 * @param epoch grows each time the contents are emptied
 * @param lastMod the time of the last change
 */
public record DatasetClock(long ds, long epoch, long lastMod) {
    static final DatasetClock ABSENT = new DatasetClock(-1, -1, 0);

    /** Whether the contents have not been emptied, removed or recreated in between. */
    public boolean sameLife(DatasetClock other) {
        return ds == other.ds && epoch == other.epoch;
    }
}
