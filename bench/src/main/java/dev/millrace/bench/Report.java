package dev.millrace.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints results as tables in Markdown, aligned for reading as they are. */
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
        table(
                REQUESTS,
                results.stream()
                        .filter(result -> result.latency().isPresent())
                        .map(Report::request)
                        .toList());
        table(
                RUNS,
                results.stream()
                        .filter(result -> result.latency().isEmpty())
                        .map(Report::run)
                        .toList());
        out.flush();
    }

    private static List<String> request(Result result) {
        var latency = result.latency().orElseThrow();
        var row = new ArrayList<String>();
        row.add(result.scenario());
        row.add(rounded(result.requests() / result.seconds()));
        row.add(precise(latency.p50()));
        row.add(precise(latency.p99()));
        rest(row, result);
        return row;
    }

    private static List<String> run(Result result) {
        var row = new ArrayList<String>();
        row.add(result.scenario());
        row.add(precise(result.seconds()));
        rest(row, result);
        return row;
    }

    private static void rest(List<String> row, Result result) {
        var cpu = result.cpu();
        for (double part : new double[] {cpu.server(), cpu.postgres(), cpu.workers(), cpu.sum()}) {
            row.add(precise(part));
        }
        row.add(result.reference());
        row.add(Double.isNaN(result.factor()) ? "-" : precise(result.factor()));
        var memory = result.megabytes();
        row.add(rounded(memory.server()) + " + " + rounded(memory.postgres()) + " + " + rounded(memory.workers()));
    }

    private static String precise(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static String rounded(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    private void table(List<String> header, List<List<String>> rows) {
        if (rows.isEmpty()) {
            return;
        }
        var widths = header.stream().mapToInt(String::length).toArray();
        for (var row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        out.println();
        line(header, widths);
        var rule = new ArrayList<String>();
        for (int i = 0; i < widths.length; i++) {
            rule.add(i == 0 ? "-".repeat(widths[i]) : "-".repeat(widths[i] - 1) + ':');
        }
        line(rule, widths);
        rows.forEach(row -> line(row, widths));
    }

    private void line(List<String> cells, int[] widths) {
        var line = new StringBuilder("|");
        for (int i = 0; i < widths.length; i++) {
            var padding = " ".repeat(widths[i] - cells.get(i).length());
            line.append(' ')
                    .append(i == 0 ? cells.get(i) + padding : padding + cells.get(i))
                    .append(" |");
        }
        out.println(line);
    }
}
