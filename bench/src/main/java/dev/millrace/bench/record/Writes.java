package dev.millrace.bench.record;

import dev.millrace.bench.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/** Writes of all kinds compared with plain COPY of the same rows, in alternating passes. */
final class Writes {
    private static final OptionalDouble INSERT_GOAL = OptionalDouble.of(0.5);
    private static final OptionalDouble UNCHANGED_GOAL = OptionalDouble.of(3);
    private static final int WARM_UP_RECORDS = 10_000;
    private static final int USUAL_SLICE = 1_000;
    private static final int OTHERS = 5;
    private static final int NEWCOMER = 5_000;

    private final Plan plan;
    private final ScratchDatabase scratch;
    private final List<Cell> cells = new ArrayList<>();

    private Writes(Plan plan, ScratchDatabase scratch) {
        this.plan = plan;
        this.scratch = scratch;
    }

    static void run(Plan plan, MeasuredServer measured, PrintWriter out)
            throws IOException, SQLException, InterruptedException {
        int most = plan.writers().stream().mapToInt(Integer::intValue).max().orElse(1);
        try (var scratch = ScratchDatabase.make(measured, "writes", most)) {
            var writes = new Writes(plan, scratch);
            try {
                writes.measure();
            } finally {
                writes.print(out);
            }
        }
    }

    private void measure() throws IOException, SQLException, InterruptedException {
        warmUp();
        for (int writers : plan.writers()) {
            for (int slice : plan.slices()) {
                var shape = new Batch.Shape(Batch.Ids.RISING, writers, plan.each(slice, writers), slice, 0);
                rounds(shape, plan.rounds()).forEach(this::done);
            }
        }
        if (plan.slices().contains(USUAL_SLICE)) {
            for (int writers : plan.writers()) {
                for (var ids : Batch.Ids.values()) {
                    onto(ids, writers);
                }
            }
        }
        newcomer();
    }

    private void print(PrintWriter out) {
        var speed = new Table(Cell.SPEED);
        var space = new Table(Cell.SPACE);
        cells.forEach(cell -> {
            speed.row(cell.speed());
            space.row(cell.space());
        });
        speed.print(out);
        space.print(out);
        out.flush();
    }

    /** Runs the measured code without measuring, so that it is compiled. */
    private void warmUp() throws IOException, SQLException, InterruptedException {
        System.err.println("warming up for " + plan.warmUp() + " s ...");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(plan.warmUp());
        do {
            for (int slice : plan.slices()) {
                rounds(new Batch.Shape(Batch.Ids.RISING, 1, Math.max(slice, WARM_UP_RECORDS), slice, 0), 1);
            }
        } while (System.nanoTime() < end);
    }

    private List<Cell> rounds(Batch.Shape shape, int rounds) throws IOException, SQLException, InterruptedException {
        var of = ", " + connections(shape) + ", slices of " + grouped(shape.slice());
        var insert = new Cell("insert" + of, INSERT_GOAL);
        var unread = new Cell("unchanged, first read" + of, UNCHANGED_GOAL);
        var unchanged = new Cell("unchanged" + of, UNCHANGED_GOAL);
        var tenth = new Cell("10 % changed" + of, OptionalDouble.empty());
        var all = new Cell("all changed" + of, OptionalDouble.empty());
        var first = Batch.of(shape, Batch.Version.FIRST);
        var some = Batch.of(shape, Batch.Version.TENTH);
        var every = Batch.of(shape, Batch.Version.ALL);
        var limit = Limit.of(first, shape, scratch.encryption());
        for (int round = 0; round < rounds; round++) {
            scratch.clear();
            var to = scratch.datasets(shape.writers());
            var copied = copied(limit);
            insert.add(scratch.save(first, shape, to), copied);
            // The first reader of rows marks them as committed in each page, and logs the page because of its checksum.
            unread.add(scratch.save(first, shape, to), copied);
            unchanged.add(scratch.save(first, shape, to), copied);
            var again = copied(limit);
            tenth.add(scratch.save(some, shape, to), again);
            all.add(scratch.save(every, shape, to), again);
        }
        return List.of(insert, unread, unchanged, tenth, all);
    }

    private Figures copied(Limit limit) throws IOException, SQLException, InterruptedException {
        scratch.clearLimit();
        return scratch.copy(limit);
    }

    /** Inserts into a filled table, where the order of ids matters. */
    private void onto(Batch.Ids ids, int writers) throws IOException, SQLException, InterruptedException {
        var base = new Batch.Shape(ids, writers, plan.base() / writers, USUAL_SLICE, 0);
        var shape = new Batch.Shape(ids, writers, plan.each(USUAL_SLICE, writers), USUAL_SLICE, plan.base() / writers);
        var named = ids == Batch.Ids.RISING ? "rising ids" : "random UUIDs";
        var cell = new Cell(
                "insert onto " + grouped(plan.base()) + ", " + named + ", " + connections(shape) + ", slices of "
                        + grouped(USUAL_SLICE),
                INSERT_GOAL);
        scratch.clear();
        scratch.clearLimit();
        var to = scratch.datasets(writers);
        var there = Batch.of(base, Batch.Version.FIRST);
        scratch.copy(Limit.of(there, base, scratch.encryption()));
        scratch.save(there, base, to);
        for (int round = 0; round < plan.rounds(); round++) {
            var next = shape.from(shape.first() + (long) round * shape.each());
            var fresh = Batch.of(next, Batch.Version.FIRST);
            var copied = scratch.copy(Limit.of(fresh, next, scratch.encryption()));
            cell.add(scratch.save(fresh, next, to), copied);
        }
        done(cell);
    }

    /**
     * A connection without statistics beside others with statistics. Lookups by key must not be planned as a scan of
     * the dataset because it is believed to be empty.
     */
    private void newcomer() throws IOException, SQLException, InterruptedException {
        var others = new Batch.Shape(Batch.Ids.RISING, OTHERS, NEWCOMER, USUAL_SLICE, 0);
        var shape = new Batch.Shape(Batch.Ids.RISING, 1, NEWCOMER, USUAL_SLICE, 0);
        var first = Batch.of(shape, Batch.Version.FIRST);
        scratch.clear();
        scratch.save(Batch.of(others, Batch.Version.FIRST), others, scratch.datasets(OTHERS));
        scratch.settle();
        var to = scratch.datasets(1);
        var copied = copied(Limit.of(first, shape, scratch.encryption()));
        var of = ", 1 connection newer than the statistics, slices of " + grouped(USUAL_SLICE);
        var insert = new Cell("insert" + of, OptionalDouble.empty());
        insert.add(scratch.save(first, shape, to), copied);
        done(insert);
        var unchanged = new Cell("unchanged" + of, OptionalDouble.empty());
        unchanged.add(scratch.save(first, shape, to), copied);
        done(unchanged);
        var all = new Cell("all changed" + of, OptionalDouble.empty());
        all.add(scratch.save(Batch.of(shape, Batch.Version.ALL), shape, to), copied);
        done(all);
    }

    private void done(Cell cell) {
        cells.add(cell);
        System.err.println(cell.progress());
    }

    private static String connections(Batch.Shape shape) {
        return shape.writers() == 1 ? "1 connection" : shape.writers() + " connections";
    }

    private static String grouped(int number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
