package dev.millrace.server.record;

/**
 * The state of a dataset.
 *
 * @param datasetId the number of the dataset; -1 when there is none
 * @param epoch grows each time the contents are emptied
 * @param lastModified the time of the last change
 */
public record DatasetClock(long datasetId, long epoch, long lastModified) {
    static final DatasetClock ABSENT = new DatasetClock(-1, -1, 0);

    /** Whether the contents have not been emptied, removed or recreated in between. */
    public boolean sameLife(DatasetClock other) {
        return datasetId == other.datasetId && epoch == other.epoch;
    }
}
