package dev.millrace.server.record;

/**
 * Limits how much delete tracking may delete at once, so that an empty response of a broken API does not delete a
 * customer's records.
 *
 * @param share percentage of the live records that may be deleted
 * @param count smallest number of deletions that is refused; fewer are allowed whatever the share
 */
public record DeleteGuard(int share, int count) {
    private static final int ALL = 100;

    /** Allows everything. */
    public static final DeleteGuard OFF = new DeleteGuard(ALL, 0);

    public DeleteGuard {
        if (share < 0 || share > ALL) {
            throw new IllegalArgumentException("share is " + share + "; it is a percentage from 0 to 100");
        }
        if (count < 0) {
            throw new IllegalArgumentException("count is " + count + "; it is a number of records, 0 or more");
        }
    }

    boolean isOff() {
        return share == ALL;
    }

    /** The maximum number of deletions for a number of live records. */
    long most(long live) {
        return Math.max(count - 1L, Math.floorDiv(live * share, ALL));
    }

    RecordsRefused refuse(Dataset dataset, long live) {
        return new RecordsRefused.Deletes("Refused to delete more than " + most(live) + " of the " + live
                + " live records of model '" + dataset.base() + "': the delete guard lets " + share
                + " % of them go at once, or fewer than " + count
                + " records. Nothing was deleted and the tracking window stays"
                + " open. If they really are gone, trigger the sync once with opts.confirmDeletes: true"
                + " (POST /sync/trigger); to move the limit, set delete_guard_share and delete_guard_count"
                + " (PATCH /environment/settings) or deleteGuard of the model.");
    }
}
