package dev.millrace.bench.record;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One pass, per record; or the medians of several.
 *
 * @param rate records a second
 * @param jvm CPU microseconds
 * @param postgres CPU microseconds
 * @param wal bytes
 * @param images full pages in the WAL per 1,000 records
 * @param table bytes
 * @param indexes bytes
 * @param dead dead row versions
 * @param hot the share of replaced rows that needed no new index entry
 */
record Figures(
        double rate,
        double jvm,
        double postgres,
        double wal,
        double images,
        double table,
        double indexes,
        double dead,
        double hot) {
    private static final double MICROS = 1e6;

    /** With fewer replaced rows per record, these are only rows of the dataset table. */
    private static final double FEW = 0.05;

    static Figures of(long records, double seconds, Usage grown) {
        double n = records;
        return new Figures(
                n / seconds,
                grown.jvm() * MICROS / n,
                grown.postgres() * MICROS / n,
                grown.wal() / n,
                grown.images() * 1000 / n,
                grown.table() / n,
                grown.indexes() / n,
                grown.replaced() / n,
                grown.replaced() < FEW * n ? Double.NaN : (double) grown.hot() / grown.replaced());
    }

    static Figures median(List<Figures> of) {
        return new Figures(
                median(of, Figures::rate),
                median(of, Figures::jvm),
                median(of, Figures::postgres),
                median(of, Figures::wal),
                median(of, Figures::images),
                median(of, Figures::table),
                median(of, Figures::indexes),
                median(of, Figures::dead),
                median(of, Figures::hot));
    }

    static <T> double median(List<T> of, ToDoubleFunction<T> figure) {
        var sorted = of.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    double cpu() {
        return jvm + postgres;
    }
}
