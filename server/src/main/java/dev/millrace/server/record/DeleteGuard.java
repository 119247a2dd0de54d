package dev.millrace.server.record;

/**
 * How much delete tracking may delete at once: an answer of a broken API that holds nothing must not wipe out what a
 * customer has.
 *
 * @param share of the live records, in percent, that may go
 * @param count from which on a deletion is held; fewer may go whatever the share
 */
public record DeleteGuard(int share, int count) {
    private static final int ALL = 100;

    /** Lets everything pass. */
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

    /** The most that may be deleted of so many live records. */
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
