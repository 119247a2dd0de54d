package dev.millrace.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A Markdown table that is also aligned as plain text. */
public final class Table {
    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    /** @param header the first column is text, the others are numbers */
    public Table(List<String> header) {
        this.header = List.copyOf(header);
    }

    /** Adds a row; it needs as many cells as the header. */
    public void row(List<String> cells) {
        rows.add(List.copyOf(cells));
    }

    /** Prints the table after an empty line; nothing when it has no rows. */
    public void print(PrintWriter out) {
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
        line(out, header, widths);
        var rule = new ArrayList<String>();
        for (int i = 0; i < widths.length; i++) {
            rule.add(i == 0 ? "-".repeat(widths[i]) : "-".repeat(widths[i] - 1) + ':');
        }
        line(out, rule, widths);
        rows.forEach(row -> line(out, row, widths));
    }

    private static void line(PrintWriter out, List<String> cells, int[] widths) {
        var line = new StringBuilder("|");
        for (int i = 0; i < widths.length; i++) {
            var padding = " ".repeat(widths[i] - cells.get(i).length());
            line.append(' ')
                    .append(i == 0 ? cells.get(i) + padding : padding + cells.get(i))
                    .append(" |");
        }
        out.println(line);
    }

    /** Two decimals. */
    public static String precise(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** One decimal. */
    public static String tenths(double value) {
        return String.format(Locale.ROOT, "%,.1f", value);
    }

    /** No decimals. */
    public static String rounded(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    /** A share in percent. */
    public static String percent(double share) {
        return Double.isNaN(share) ? "-" : rounded(100 * share) + " %";
    }
}
