package dev.millrace.server.record;

/**
 * Where the changes of a dataset end at some moment: what is committed at or before it can be read.
 *
 * @param ds the dataset's number: another one when it was removed and made anew
 * @param lastMod when it was last locked, in microseconds since 1970
 * @param epoch which life of its contents this is
 * @param newest when a record changed last, in microseconds since 1970; 0 when there is none
 */
record Head(long ds, long lastMod, long epoch, long newest) {
    /** Of a dataset that does not exist. */
    static final Head NONE = new Head(0, 0, 0, 0);

    /** Whether a reader may find anything else than at the other. */
    boolean showsOtherThan(Head other) {
        return epoch != other.epoch || newest != other.newest;
    }

    /** After everything there is. */
    Position position() {
        return newest == 0 ? Position.START : Position.upTo(newest, epoch);
    }
}
