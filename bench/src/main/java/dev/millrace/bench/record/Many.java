package dev.millrace.bench.record;

import dev.millrace.bench.ManyRecords;
import dev.millrace.bench.Sample;
import dev.millrace.bench.Table;
import dev.millrace.cli.Bar;
import dev.millrace.server.record.Dataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Very many connections with few records each, compared with one connection with many records. */
final class Many {
    private static final int SLICE = 100;
    private static final int OF_ONE = 200_000;
    private static final int WARM_UP_SLICES = 200;
    private static final double MEGA = 1024.0 * 1024;
    private static final List<String> HEADER = List.of(
            "connections × records",
            "records/s",
            "of the one's",
            "heap MB after GC",
            "PostgreSQL MB",
            "rows of pg_class",
            "catalog MB",
            "records MB");
    private static final String CATALOG = "SELECT count(*) FROM pg_class";
    private static final String DATA = "SELECT sum(pg_total_relation_size(relid))::bigint FROM pg_stat_user_tables";
    private static final String DATABASE = "SELECT pg_database_size(current_database())";

    private final Plan plan;
    private final MeasuredServer measured;
    private final ScratchDatabase scratch;
    private final Table table = new Table(HEADER);

    private Many(Plan plan, MeasuredServer measured, ScratchDatabase scratch) {
        this.plan = plan;
        this.measured = measured;
        this.scratch = scratch;
    }

    static void run(Plan plan, MeasuredServer measured, PrintWriter out) throws IOException, SQLException {
        try (var scratch = ScratchDatabase.make(measured, "many", 1)) {
            new Many(plan, measured, scratch).measure(out);
        }
    }

    /**
     * The single connection comes first, so that code is compiled and PostgreSQL's buffers are warm before the many.
     */
    private void measure(PrintWriter out) throws IOException, SQLException {
        int one = Math.min(OF_ONE, plan.many() * SLICE);
        save(1, SLICE * WARM_UP_SLICES);
        double rate = save(1, one);
        row("1", one, rate, 1);
        double many = save(plan.many(), SLICE);
        row(grouped(plan.many()), SLICE, many, many / rate);
        table.print(out);
        out.flush();
    }

    private double save(int connections, int each) {
        var timer = new SaveTimer();
        long total = (long) connections * each;
        try (var bar = Bar.of("Saving " + grouped(each) + " records for each of " + grouped(connections), total)) {
            long done = 0;
            for (var dataset : scratch.datasets(connections)) {
                save(dataset, each, timer);
                done += each;
                bar.at(done);
            }
        }
        return timer.rate();
    }

    private void save(Dataset dataset, int count, SaveTimer timer) {
        for (long from = 0; from < count; from += SLICE) {
            var slice = new ArrayList<byte[]>(SLICE);
            for (long number = from; number < from + SLICE; number++) {
                slice.add(Sample.text(ManyRecords.id(number), number, 0));
            }
            timer.save(scratch.records(), dataset, slice);
        }
    }

    private void row(String connections, int each, double rate, double share) throws IOException, SQLException {
        long data = scratch.ask(DATA);
        table.row(List.of(
                connections + " × " + grouped(each),
                Table.rounded(rate),
                Table.percent(share),
                Table.tenths(heap()),
                Table.rounded(measured.postgresMegabytes()),
                Long.toString(scratch.ask(CATALOG)),
                Table.tenths((scratch.ask(DATABASE) - data) / MEGA),
                Table.rounded(data / MEGA)));
    }

    private static double heap() {
        // Called twice, because objects found unreachable by the first call may keep others alive.
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MEGA;
    }

    private static String grouped(int number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
