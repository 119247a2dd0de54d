package dev.millrace.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Prints results as Markdown tables that are also aligned as plain text. */
final class Report {
    private static final List<String> REQUESTS = List.of(
            "scenario",
            "req/s",
            "p50 ms",
            "p99 ms",
            "server CPU-ms",
            "PostgreSQL",
            "workers",
            "sum",
            "reference",
            "factor",
            "MB server + PostgreSQL + workers");
    private static final List<String> RUNS = List.of(
            "scenario",
            "seconds",
            "server CPU-s",
            "PostgreSQL",
            "workers",
            "sum",
            "reference",
            "factor",
            "MB server + PostgreSQL + workers");

    private final PrintWriter out;

    Report(PrintWriter out) {
        this.out = out;
    }

    void print(List<Result> results) {
        var requests = new Table(REQUESTS);
        var runs = new Table(RUNS);
        for (var result : results) {
            if (result.latency().isPresent()) {
                requests.row(request(result));
            } else {
                runs.row(run(result));
            }
        }
        requests.print(out);
        runs.print(out);
        out.flush();
    }

    /** Medians over the rounds. The last columns are medians of the ratios of both installations in the same round. */
    void compare(List<Comparison.Outcome> outcomes) {
        var table = new Table(List.of(
                "scenario",
                "",
                "seconds or req/s",
                "server CPU",
                "PostgreSQL",
                "workers",
                "sum",
                "ratio: server",
                "PostgreSQL",
                "sum"));
        for (var outcome : outcomes) {
            var ours = side(outcome.scenario(), "this", outcome.ours());
            ours.add(Table.precise(outcome.ratio(result -> result.cpu().server())));
            ours.add(Table.precise(outcome.ratio(result -> result.cpu().postgres())));
            ours.add(Table.precise(outcome.ratio(result -> result.cpu().sum())));
            table.row(ours);
            var others = side(outcome.scenario(), "other", outcome.others());
            others.addAll(List.of("", "", ""));
            table.row(others);
        }
        table.print(out);
        out.flush();
    }

    private static List<String> side(String scenario, String which, List<Result> results) {
        var row = new ArrayList<String>(List.of(scenario, which));
        row.add(median(
                results, result -> result.requests() == 0 ? result.seconds() : result.requests() / result.seconds()));
        row.add(median(results, result -> result.cpu().server()));
        row.add(median(results, result -> result.cpu().postgres()));
        row.add(median(results, result -> result.cpu().workers()));
        row.add(median(results, result -> result.cpu().sum()));
        return row;
    }

    private static String median(List<Result> results, ToDoubleFunction<Result> figure) {
        return Table.precise(
                Comparison.Outcome.median(results.stream().mapToDouble(figure).toArray()));
    }

    private static List<String> request(Result result) {
        var latency = result.latency().orElseThrow();
        var row = new ArrayList<String>();
        row.add(result.scenario());
        row.add(Table.rounded(result.requests() / result.seconds()));
        row.add(Table.precise(latency.p50()));
        row.add(Table.precise(latency.p99()));
        rest(row, result);
        return row;
    }

    private static List<String> run(Result result) {
        var row = new ArrayList<String>();
        row.add(result.scenario());
        row.add(Table.precise(result.seconds()));
        rest(row, result);
        return row;
    }

    private static void rest(List<String> row, Result result) {
        var cpu = result.cpu();
        for (double part : new double[] {cpu.server(), cpu.postgres(), cpu.workers(), cpu.sum()}) {
            row.add(Table.precise(part));
        }
        row.add(result.reference());
        row.add(Double.isNaN(result.factor()) ? "-" : Table.precise(result.factor()));
        var memory = result.megabytes();
        row.add(Table.rounded(memory.server()) + " + " + Table.rounded(memory.postgres()) + " + "
                + Table.rounded(memory.workers()));
    }
}
