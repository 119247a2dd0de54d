package dev.millrace.bench.record;

import dev.millrace.bench.DirectStore;
import dev.millrace.bench.Table;
import dev.millrace.cli.Bar;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Writer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The delay from a commit to its arrival at very many open change streams. This process commits, and the server, which
 * has the streams, has to detect that. Its own commits arrive sooner.
 */
final class Streams {
    // Several models, because a stream begins with existing records, which must not be those of other streams.
    private static final String WARM_UP = "WarmUp";
    private static final String SHARED = "Shared";
    private static final String OWN = "Own";
    private static final Duration BETWEEN_COMMITS = Duration.ofMillis(50);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    private static final double GOAL_MILLIS = 200;
    private static final double MILLIS = 1e6;
    private static final int FILLING = 800;
    private static final List<String> HEADER = List.of(
            "open streams", "of datasets", "events", "p50 ms", "p99 ms", "max ms", "goal", "server CPU-ms per event");

    private final Plan plan;
    private final MeasuredServer measured;
    private final DirectStore store;
    private final Table table = new Table(HEADER);

    private Streams(Plan plan, MeasuredServer measured, DirectStore store) {
        this.plan = plan;
        this.measured = measured;
        this.store = store;
    }

    static void run(Plan plan, MeasuredServer measured, PrintWriter out) throws IOException, InterruptedException {
        try (var store = DirectStore.open(measured.stage())) {
            new Streams(plan, measured, store).measure(out);
        }
    }

    private void measure(PrintWriter out) throws IOException, InterruptedException {
        var names = connections();
        // A server that has just started is still compiling its code.
        measure(List.of(names.getFirst()), WARM_UP, 2 * plan.commits());
        row(1, measure(List.of(names.getFirst()), SHARED, plan.commits()));
        row(names.size(), measure(names, OWN, plan.commits() * 10));
        table.print(out);
        out.flush();
    }

    private List<String> connections() throws IOException {
        var names = new ArrayList<String>();
        try (var bar = Bar.of("Making " + plan.streams() + " connections", plan.streams())) {
            for (int number = 0; number < plan.streams(); number++) {
                names.add("stream-" + number);
                measured.stage().connect(names.getLast());
                bar.at(number);
            }
        }
        return names;
    }

    /** @param cpu seconds of the server */
    private record Measured(long[] delays, double cpu) {}

    private Measured measure(List<String> names, String model, int commits) throws IOException, InterruptedException {
        var stage = measured.stage();
        try (var readers = new StreamReaders()) {
            for (int number = 0; number < plan.streams(); number++) {
                readers.open(stage, names.get(number % names.size()), model);
            }
            readers.awaitOpen(LONGEST_WAIT);
            double before = stage.subject().cpu().server();
            long expected = commit(names, model, commits);
            readers.awaitEvents(expected, LONGEST_WAIT);
            return new Measured(readers.delays(), stage.subject().cpu().server() - before);
        }
    }

    /** Commits one record at a time; returns the number of events that result. */
    private long commit(List<String> names, String model, int commits) throws IOException, InterruptedException {
        var datasets = new ArrayList<Dataset>();
        for (var name : names) {
            datasets.add(store.dataset(name, model));
        }
        var filling = "x".repeat(FILLING);
        try (var bar = Bar.of("Committing " + commits + " records to " + names.size() + " datasets", commits)) {
            for (int number = 0; number < commits; number++) {
                var text = "{\"id\":\"r" + number + "\",\"filling\":\"" + filling + "\",\"" + StreamReaders.SENT + "\":"
                        + System.nanoTime() + "}";
                store.records()
                        .save(
                                datasets.get(number % datasets.size()),
                                Writer.of(1),
                                List.of(text.getBytes(StandardCharsets.UTF_8)));
                bar.at(number);
                TimeUnit.NANOSECONDS.sleep(BETWEEN_COMMITS.toNanos() / (names.size() == 1 ? 1 : 10));
            }
        }
        return (long) commits * plan.streams() / names.size();
    }

    private void row(int datasets, Measured measured) {
        var delays = measured.delays();
        double most = delays[delays.length - 1] / MILLIS;
        table.row(List.of(
                String.format(Locale.ROOT, "%,d", plan.streams()),
                String.format(Locale.ROOT, "%,d", datasets),
                String.format(Locale.ROOT, "%,d", delays.length),
                Table.tenths(delays[delays.length / 2] / MILLIS),
                Table.tenths(delays[(int) (delays.length * 0.99)] / MILLIS),
                Table.tenths(most),
                "<= 200" + (most <= GOAL_MILLIS ? " met" : " missed"),
                Table.precise(measured.cpu() * 1_000 / delays.length)));
    }
}
