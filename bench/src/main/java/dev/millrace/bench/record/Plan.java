package dev.millrace.bench.record;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much to measure.
 *
 * @param warmUp seconds of writes that do not count, and of reads by HTTP before the first
 * @param rounds passes of each cell of writes, whose medians are shown
 * @param slices records a call of {@code Records.save}
 * @param writers connections written to at the same time
 * @param pass records of a pass by one writer
 * @param passOfMany records of a pass by each of several writers
 * @param base records that are there before inserts into a filled table
 * @param large records of the one large connection
 * @param updates passes over it that change a tenth
 * @param many connections of {@link Many}
 * @param streams open at the same time in {@link Streams}
 * @param commits to the one dataset that all of them follow
 * @param seconds of each kind of read
 */
record Plan(
        int warmUp,
        int rounds,
        List<Integer> slices,
        List<Integer> writers,
        int pass,
        int passOfMany,
        int base,
        int large,
        int updates,
        int many,
        int streams,
        int commits,
        int seconds) {
    private static final List<Integer> SLICES = List.of(100, 1_000, 10_000);
    private static final List<Integer> WRITERS = List.of(1, 8);

    static final Plan FULL =
            new Plan(20, 3, SLICES, WRITERS, 50_000, 10_000, 200_000, 1_000_000, 2, 10_000, 1_000, 150, 6);

    /** About two minutes, for an overview; the figures are less reliable. */
    static final Plan QUICK =
            new Plan(5, 1, List.of(1_000), WRITERS, 20_000, 10_000, 20_000, 50_000, 1, 500, 200, 50, 1);

    Plan {
        slices = List.copyOf(slices);
        writers = List.copyOf(writers);
    }

    /** The same with the given values; an empty list means not given. */
    Plan with(
            @Nullable Integer ownRounds,
            List<Integer> ownSlices,
            List<Integer> ownWriters,
            @Nullable Integer ownSeconds) {
        return new Plan(
                warmUp,
                ownRounds == null ? rounds : ownRounds,
                ownSlices.isEmpty() ? slices : ownSlices,
                ownWriters.isEmpty() ? writers : ownWriters,
                pass,
                passOfMany,
                base,
                large,
                updates,
                many,
                streams,
                commits,
                ownSeconds == null ? seconds : ownSeconds);
    }

    /** The number of records of one writer in a pass: whole batches. */
    int each(int slice, int among) {
        int wanted = among == 1 ? pass : passOfMany;
        return Math.max(1, wanted / slice) * slice;
    }
}
