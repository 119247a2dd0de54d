package dev.millrace.bench.record;

import dev.millrace.bench.ManyRecords;
import dev.millrace.bench.Sample;
import dev.millrace.bench.Table;
import dev.millrace.cli.Bar;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Writer;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A connection that grows large; its last records must be saved as fast as its first. */
final class Million {
    private static final int SLICE = 1_000;
    private static final int WINDOWS = 10;
    private static final double GOAL = 0.8;
    private static final int WARM_UP = 20;
    private static final List<String> HEADER = List.of(
            "pass",
            "records/s",
            "first tenth",
            "last tenth",
            "last / first",
            "goal",
            "slowest tenth",
            "PostgreSQL CPU µs: first tenth",
            "last tenth");

    private final Plan plan;
    private final MeasuredServer measured;
    private final ManyRecords deep;
    private final Table table = new Table(HEADER);

    private record Window(double rate, double postgres) {}

    private Million(Plan plan, MeasuredServer measured, ManyRecords deep) {
        this.plan = plan;
        this.measured = measured;
        this.deep = deep;
    }

    static void run(Plan plan, MeasuredServer measured, ManyRecords deep, PrintWriter out) throws IOException {
        var million = new Million(plan, measured, deep);
        million.warmUp();
        million.pass("insert", 0);
        for (int pass = 1; pass <= plan.updates(); pass++) {
            million.pass("10 % changed, pass " + pass, pass);
        }
        million.table.print(out);
        out.flush();
    }

    private void warmUp() {
        var other = new Dataset(deep.dataset().connection(), "Warm");
        for (int i = 0; i < WARM_UP; i++) {
            deep.records().save(other, Writer.of(1), slice((long) i * SLICE, 0));
        }
        deep.records().delete(other);
    }

    private void pass(String name, int version) throws IOException {
        int window = plan.large() / WINDOWS;
        var windows = new ArrayList<Window>();
        try (var bar = Bar.of(name + " of " + plan.large(), plan.large())) {
            for (int number = 0; number < WINDOWS; number++) {
                windows.add(window((long) number * window, window, version, bar));
            }
        }
        var first = windows.getFirst();
        var last = windows.getLast();
        double seconds = windows.stream().mapToDouble(w -> window / w.rate).sum();
        double share = last.rate / first.rate;
        double slowest =
                windows.stream().min(Comparator.comparingDouble(Window::rate)).orElseThrow().rate;
        table.row(List.of(
                name,
                Table.rounded((long) window * WINDOWS / seconds),
                Table.rounded(first.rate),
                Table.rounded(last.rate),
                Table.percent(share),
                ">= " + Table.percent(GOAL) + (share >= GOAL ? " met" : " missed"),
                Table.rounded(slowest),
                Table.tenths(first.postgres),
                Table.tenths(last.postgres)));
    }

    private Window window(long from, int count, int version, Bar bar) throws IOException {
        var timer = new SaveTimer();
        double before = measured.postgresCpu();
        for (long at = from; at < from + count; at += SLICE) {
            timer.save(deep.records(), deep.dataset(), slice(at, version));
            bar.at(at);
        }
        return new Window(timer.rate(), (measured.postgresCpu() - before) * 1e6 / count);
    }

    /** Each pass gives another tenth of the records a new version. */
    private static List<byte[]> slice(long from, int version) {
        var slice = new ArrayList<byte[]>(SLICE);
        for (long number = from; number < from + SLICE; number++) {
            // Changes of earlier passes are kept.
            long tenth = number % WINDOWS;
            int is = tenth >= 1 && tenth <= version ? 1 : 0;
            slice.add(Sample.text(ManyRecords.id(number), number, is));
        }
        return slice;
    }
}
