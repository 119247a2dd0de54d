package dev.millrace.bench.record;

import dev.millrace.bench.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** One kind of write: its passes, each compared with the nearest passes of the limit. */
final class Cell {
    static final List<String> SPEED = List.of(
            "write",
            "records/s",
            "limit",
            "ours / limit",
            "goal",
            "CPU µs: JVM",
            "PostgreSQL",
            "sum",
            "limit: JVM",
            "PostgreSQL",
            "sum");

    static final List<String> SPACE = List.of(
            "write",
            "WAL bytes",
            "limit",
            "pages in WAL / 1,000",
            "limit",
            "table bytes",
            "limit",
            "index bytes",
            "limit",
            "dead rows",
            "HOT");

    private record Pass(Figures ours, Figures limit) {}

    private final String label;
    private final OptionalDouble goal;
    private final List<Pass> passes = new ArrayList<>();

    /** @param goal minimum share of the limit's records per second */
    Cell(String label, OptionalDouble goal) {
        this.label = label;
        this.goal = goal;
    }

    void add(Figures ours, Figures limit) {
        passes.add(new Pass(ours, limit));
    }

    private Figures ours() {
        return Figures.median(passes.stream().map(Pass::ours).toList());
    }

    private Figures limit() {
        return Figures.median(passes.stream().map(Pass::limit).toList());
    }

    /** The median of the ratios of each pass to its own limit, because a slower machine affects both. */
    private double share() {
        return Figures.median(passes, pass -> pass.ours.rate() / pass.limit.rate());
    }

    List<String> speed() {
        var ours = ours();
        var limit = limit();
        var aim = goal.isEmpty()
                ? "-"
                : ">= " + Table.percent(goal.getAsDouble()) + (share() >= goal.getAsDouble() ? " met" : " missed");
        return List.of(
                label,
                Table.rounded(ours.rate()),
                Table.rounded(limit.rate()),
                Table.percent(share()),
                aim,
                Table.tenths(ours.jvm()),
                Table.tenths(ours.postgres()),
                Table.tenths(ours.cpu()),
                Table.tenths(limit.jvm()),
                Table.tenths(limit.postgres()),
                Table.tenths(limit.cpu()));
    }

    List<String> space() {
        var ours = ours();
        var limit = limit();
        return List.of(
                label,
                Table.rounded(ours.wal()),
                Table.rounded(limit.wal()),
                Table.tenths(ours.images()),
                Table.tenths(limit.images()),
                Table.rounded(ours.table()),
                Table.rounded(limit.table()),
                Table.rounded(ours.indexes()),
                Table.rounded(limit.indexes()),
                Table.precise(ours.dead()),
                Table.percent(ours.hot()));
    }

    /** Shows progress. */
    String progress() {
        return label + ": " + Table.rounded(ours().rate()) + " records/s, " + Table.percent(share()) + " of the limit";
    }
}
