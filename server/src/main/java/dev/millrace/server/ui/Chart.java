package dev.millrace.server.ui;

import java.util.List;
import java.util.Locale;

/**
 * Bars over time: what succeeded stands above the waterline, what failed hangs below it.
 *
 * @param above what the bars above the line mean, such as "succeeded"
 * @param below what those below it mean
 * @param axis labels below the chart, from left to right
 * @param text what the chart tells, in words
 * @param table the same in fewer steps, for the table below it
 */
record Chart(
        String id,
        String title,
        String above,
        String below,
        List<Bar> bars,
        List<String> axis,
        String text,
        List<Bar> table) {
    private static final double WIDTH = 480;
    private static final double LINE = 80;
    private static final double TOP = 2;
    private static final double DEPTH = 28;
    private static final double LEAST = 2;

    /** @param label its time */
    record Bar(String label, long done, long failed) {}

    Chart {
        bars = List.copyOf(bars);
        axis = List.copyOf(axis);
        table = List.copyOf(table);
    }

    long done() {
        return bars.stream().mapToLong(Bar::done).sum();
    }

    long failed() {
        return bars.stream().mapToLong(Bar::failed).sum();
    }

    long mostDone() {
        return bars.stream().mapToLong(Bar::done).max().orElse(0);
    }

    long mostFailed() {
        return bars.stream().mapToLong(Bar::failed).max().orElse(0);
    }

    String x(int index) {
        return number(1 + index * step());
    }

    String width() {
        return number(Math.max(1, step() - 2));
    }

    private double step() {
        return WIDTH / Math.max(1, bars.size());
    }

    String y(Bar bar) {
        return number(LINE - height(bar.done(), mostDone(), LINE - TOP));
    }

    String doneHeight(Bar bar) {
        return number(height(bar.done(), mostDone(), LINE - TOP));
    }

    String failedHeight(Bar bar) {
        return number(height(bar.failed(), mostFailed(), DEPTH));
    }

    private static double height(long value, long most, double full) {
        return value == 0 ? 0 : Math.max(LEAST, full * value / most);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    String say(Bar bar) {
        return bar.label() + ": " + View.number(bar.done()) + ' ' + above + ", " + View.number(bar.failed()) + ' '
                + below;
    }
}
