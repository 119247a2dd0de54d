package dev.millrace.bench.record;

import dev.millrace.bench.Depth;
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
    private final Lab lab;
    private final Ground ground;
    private final Table table = new Table(HEADER);

    private Many(Plan plan, Lab lab, Ground ground) {
        this.plan = plan;
        this.lab = lab;
        this.ground = ground;
    }

    static void run(Plan plan, Lab lab, PrintWriter out) throws IOException, SQLException {
        try (var ground = Ground.make(lab, "many", 1)) {
            new Many(plan, lab, ground).measure(out);
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
        var stretch = new Stretch();
        long total = (long) connections * each;
        try (var bar = Bar.of("Saving " + grouped(each) + " records for each of " + grouped(connections), total)) {
            long done = 0;
            for (var dataset : ground.datasets(connections)) {
                save(dataset, each, stretch);
                done += each;
                bar.at(done);
            }
        }
        return stretch.rate();
    }

    private void save(Dataset dataset, int count, Stretch stretch) {
        for (long from = 0; from < count; from += SLICE) {
            var slice = new ArrayList<byte[]>(SLICE);
            for (long number = from; number < from + SLICE; number++) {
                slice.add(Sample.text(Depth.id(number), number, 0));
            }
            stretch.save(ground.records(), dataset, slice);
        }
    }

    private void row(String connections, int each, double rate, double share) throws IOException, SQLException {
        long data = ground.ask(DATA);
        table.row(List.of(
                connections + " × " + grouped(each),
                Table.rounded(rate),
                Table.percent(share),
                Table.tenths(heap()),
                Table.rounded(lab.postgresMegabytes()),
                Long.toString(ground.ask(CATALOG)),
                Table.tenths((ground.ask(DATABASE) - data) / MEGA),
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
