package dev.millrace.bench.record;

import dev.millrace.bench.ManyRecords;
import dev.millrace.bench.Settings;
import dev.millrace.bench.Table;
import dev.millrace.server.record.Position;
import dev.millrace.server.record.RecordQuery;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Pages of a large connection, at its start and after many records: by the store itself, then by HTTP. */
final class Reads {
    private static final List<Integer> PAGES = List.of(100, 1_000);
    private static final int CLIENTS = 8;
    private static final double MICROS = 1e6;
    private static final double GOAL_MILLIS = 1;
    private static final List<String> DIRECT =
            List.of("page, in process", "records/s", "CPU µs a record: JVM", "PostgreSQL", "sum");
    private static final List<String> HTTP = List.of(
            "page, by HTTP", "pages/s", "p50 ms", "p99 ms", "CPU-ms a page: server", "PostgreSQL", "sum", "goal");

    private final Plan plan;
    private final MeasuredServer measured;
    private final ManyRecords deep;

    private record Place(String name, Optional<Position> after, int page) {}

    private Reads(Plan plan, MeasuredServer measured, ManyRecords deep) {
        this.plan = plan;
        this.measured = measured;
        this.deep = deep;
    }

    static void run(Plan plan, MeasuredServer measured, ManyRecords deep, PrintWriter out)
            throws IOException, InterruptedException {
        deep.fill(plan.large());
        new Reads(plan, measured, deep).measure(out);
    }

    private void measure(PrintWriter out) throws IOException, InterruptedException {
        int depth = plan.large() / 2;
        var middle = deep.position(depth);
        var places = new ArrayList<Place>();
        for (int page : PAGES) {
            places.add(new Place(grouped(page) + " at the start", Optional.empty(), page));
            places.add(new Place(grouped(page) + " after " + grouped(depth), middle, page));
        }
        var direct = new Table(DIRECT);
        for (var place : places) {
            System.err.println("reading " + place.name + " in process ...");
            direct.row(direct(place));
        }
        System.err.println("warming up the server for " + plan.warmUp() + " s ...");
        ManyRecords.measure(measured.stage(), new Settings(CLIENTS, 0, plan.warmUp()), PAGES.getFirst(), middle);
        var http = new Table(HTTP);
        for (var place : places) {
            System.err.println("reading " + place.name + " by HTTP ...");
            http.row(http(place));
        }
        direct.print(out);
        http.print(out);
        out.flush();
    }

    private List<String> direct(Place place) throws IOException {
        read(place, plan.seconds() / 2.0);
        double postgresBefore = measured.postgresCpu();
        double jvmBefore = ScratchDatabase.jvmCpu();
        long began = System.nanoTime();
        double records = read(place, plan.seconds());
        double seconds = (System.nanoTime() - began) / 1e9;
        double jvm = (ScratchDatabase.jvmCpu() - jvmBefore) * MICROS / records;
        double postgres = (measured.postgresCpu() - postgresBefore) * MICROS / records;
        return List.of(
                place.name,
                Table.rounded(records / seconds),
                Table.precise(jvm),
                Table.precise(postgres),
                Table.precise(jvm + postgres));
    }

    private long read(Place place, double seconds) {
        long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        var query = RecordQuery.after(place.after, place.page);
        long records = 0;
        while (System.nanoTime() < end) {
            records += deep.records().list(deep.dataset(), query).count();
        }
        return records;
    }

    private List<String> http(Place place) throws IOException, InterruptedException {
        var settings = new Settings(CLIENTS, 1, plan.seconds());
        var result = ManyRecords.measure(measured.stage(), settings, place.page, place.after);
        var latency = result.latency().orElseThrow();
        double sum = result.cpu().sum();
        var goal = place.page == PAGES.getFirst()
                ? "<= " + Table.precise(GOAL_MILLIS) + (sum <= GOAL_MILLIS ? " met" : " missed")
                : "-";
        return List.of(
                place.name,
                Table.rounded(result.requests() / result.seconds()),
                Table.precise(latency.p50()),
                Table.precise(latency.p99()),
                Table.precise(result.cpu().server()),
                Table.precise(result.cpu().postgres()),
                Table.precise(sum),
                goal);
    }

    private static String grouped(int number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
